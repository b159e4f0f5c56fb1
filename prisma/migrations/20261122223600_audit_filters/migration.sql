-- CreateIndex
CREATE INDEX "audit_events_user_id_operation_idx" ON "audit_events"("user_id", "operation");

-- CreateIndex
CREATE INDEX "audit_events_user_id_outcome_idx" ON "audit_events"("user_id", "outcome");

-- CreateIndex
CREATE INDEX "audit_events_user_id_credential_id_idx" ON "audit_events"("user_id", "credential_id");

-- CreateIndex
CREATE INDEX "audit_events_user_id_client_id_idx" ON "audit_events"("user_id", "client_id");
