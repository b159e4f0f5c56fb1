-- AlterTable
ALTER TABLE "commits" ADD COLUMN     "client_key_hash" BYTEA;

-- CreateIndex
CREATE UNIQUE INDEX "commits_client_key_hash_key" ON "commits"("client_key_hash");
