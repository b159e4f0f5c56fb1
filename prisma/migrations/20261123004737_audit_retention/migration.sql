-- CreateTable
CREATE TABLE "audit_retention" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "removed_below" BIGINT NOT NULL DEFAULT 0,
    "truncated_below" BIGINT NOT NULL DEFAULT 0,
    "holder" UUID,
    "leased_until" TIMESTAMPTZ(3),
    "done_at" TIMESTAMPTZ(3),

    CONSTRAINT "audit_retention_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "audit_checkpoints_at_tree_size_idx" ON "audit_checkpoints"("at", "tree_size");

-- One row.
ALTER TABLE "audit_retention" ADD CONSTRAINT "audit_retention_one_row" CHECK ("id" = 1);
