-- CreateTable
CREATE TABLE "user_controls" (
    "user_id" TEXT NOT NULL,
    "frozen_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "user_controls_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "action_tokens" (
    "token_hash" BYTEA NOT NULL,
    "user_id" TEXT NOT NULL,
    "credential_kind" TEXT NOT NULL,
    "credential_id" TEXT NOT NULL,
    "tool" TEXT NOT NULL,
    "arguments_hash" BYTEA NOT NULL,
    "preview" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),
    "superseded_at" TIMESTAMPTZ(3),

    CONSTRAINT "action_tokens_pkey" PRIMARY KEY ("token_hash")
);

-- CreateTable
CREATE TABLE "commits" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "token_hash" BYTEA NOT NULL,
    "user_id" TEXT NOT NULL,
    "credential_kind" TEXT NOT NULL,
    "credential_id" TEXT NOT NULL,
    "credential_name" TEXT,
    "source" TEXT NOT NULL,
    "tool" TEXT NOT NULL,
    "target_id" TEXT NOT NULL,
    "arguments" JSONB NOT NULL,
    "preview" JSONB NOT NULL,
    "idempotency_key" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'pending',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "send_before" TIMESTAMPTZ(3) NOT NULL,
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "leased_until" TIMESTAMPTZ(3),
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "finished_at" TIMESTAMPTZ(3),
    "upstream_status" INTEGER,
    "upstream_message" TEXT,
    "result" JSONB,
    "observation" TEXT,
    "request_id" TEXT NOT NULL,

    CONSTRAINT "commits_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "trade_reads" (
    "credential_id" TEXT NOT NULL,
    "trade_id" TEXT NOT NULL,
    "read_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "trade_reads_pkey" PRIMARY KEY ("credential_id","trade_id")
);

-- CreateIndex
CREATE INDEX "action_tokens_expires_at_idx" ON "action_tokens"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "commits_token_hash_key" ON "commits"("token_hash");

-- CreateIndex
CREATE UNIQUE INDEX "commits_idempotency_key_key" ON "commits"("idempotency_key");

-- CreateIndex
CREATE INDEX "commits_open_idx" ON "commits"("due_at") WHERE (status IN ('pending', 'unknown'));

-- CreateIndex
CREATE INDEX "commits_user_id_created_at_idx" ON "commits"("user_id", "created_at");

-- CreateIndex
CREATE INDEX "trade_reads_read_at_idx" ON "trade_reads"("read_at");

-- AddConstraint: what no code may get wrong
ALTER TABLE "commits" ADD CONSTRAINT "commits_status_check"
    CHECK ("status" IN ('pending', 'succeeded', 'refused', 'unknown', 'not_applied', 'undetermined'));
