-- DropIndex
DROP INDEX "audit_events_user_id_id_idx";

-- AlterTable
ALTER TABLE "audit_events" ADD COLUMN     "address_digest" BYTEA,
ADD COLUMN     "address_salt" UUID DEFAULT gen_random_uuid(),
ADD COLUMN     "personal_digest" BYTEA,
ADD COLUMN     "salt" UUID DEFAULT gen_random_uuid();

-- CreateTable
CREATE TABLE "audit_unsealed" (
    "event_id" BIGINT NOT NULL,

    CONSTRAINT "audit_unsealed_pkey" PRIMARY KEY ("event_id")
);

-- CreateTable
CREATE TABLE "audit_leaves" (
    "seq" BIGINT NOT NULL,
    "event_id" BIGINT NOT NULL,
    "leaf" BYTEA NOT NULL,

    CONSTRAINT "audit_leaves_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "audit_checkpoints" (
    "tree_size" BIGINT NOT NULL,
    "root" BYTEA NOT NULL,
    "previous_root" BYTEA NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "key_id" TEXT NOT NULL,
    "signature" BYTEA NOT NULL,

    CONSTRAINT "audit_checkpoints_pkey" PRIMARY KEY ("tree_size")
);

-- CreateTable
CREATE TABLE "audit_frontier" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "tree_size" BIGINT NOT NULL,
    "hashes" BYTEA NOT NULL,

    CONSTRAINT "audit_frontier_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "audit_leaves_event_id_key" ON "audit_leaves"("event_id");

-- CreateIndex
CREATE UNIQUE INDEX "audit_checkpoints_previous_root_key" ON "audit_checkpoints"("previous_root");

-- CreateIndex
CREATE INDEX "audit_events_user_id_at_id_idx" ON "audit_events"("user_id", "at", "id");

-- One frontier.
ALTER TABLE "audit_frontier" ADD CONSTRAINT "audit_frontier_one_row" CHECK ("id" = 1);

-- Rows of earlier releases are sealed like new ones.
INSERT INTO "audit_unsealed" ("event_id") SELECT "id" FROM "audit_events";

-- Whoever inserts a row, in whatever transaction: it waits to be sealed from the moment it is there.
-- (\073 is a semicolon: Prisma's adapter cuts a migration at every one of them, also within a function's body.)
CREATE FUNCTION "audit_events_await_sealing"() RETURNS trigger LANGUAGE plpgsql AS E'BEGIN
    INSERT INTO "audit_unsealed" ("event_id") SELECT "id" FROM "inserted"\073
    RETURN NULL\073
END';

CREATE TRIGGER "audit_events_await_sealing" AFTER INSERT ON "audit_events"
    REFERENCING NEW TABLE AS "inserted" FOR EACH STATEMENT EXECUTE FUNCTION "audit_events_await_sealing"();
