-- CreateIndex
CREATE INDEX "commits_status_due_at_idx" ON "commits"("status", "due_at");

-- The partial index that this one replaces: the migration engine cannot see it, so it asked for it again and again.
DROP INDEX "commits_open_idx";
