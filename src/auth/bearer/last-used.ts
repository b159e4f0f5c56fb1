import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { auditText } from '../../audit/redact.js';
import { PrismaService } from '../../database/prisma.service.js';
import { LOGGER, type Logger } from '../../logging/logger.js';
import type { Principal } from '../principal.js';

const EVERY_MS = 60_000;
const FLUSH_AFTER_MS = 2_000;
const MAX_TOKENS = 50_000;
const MAX_CLIENT = 120;

interface Use {
  readonly kind: 'pat' | 'oauth';
  readonly id: string;
  readonly at: string;
  readonly ip: string;
  readonly client: string | null;
}

/**
 * When, from where and by what program a token or an app's grant was last used: at most once a minute each, many
 * of them in one statement, never awaited by a request and never a reason for one to fail.
 */
@Injectable()
export class LastUsed implements OnApplicationShutdown {
  private readonly recent = new LRUCache<string, true>({ max: MAX_TOKENS, ttl: EVERY_MS });
  private pending: Use[] = [];
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly prisma: PrismaService,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** @param client the caller's User-Agent; it proves nothing */
  record({ kind, credentialId }: Principal, address: string, client: string | undefined): void {
    if (kind === 'session' || this.recent.has(credentialId)) return;
    this.recent.set(credentialId, true);
    this.pending.push({ kind, id: credentialId, at: new Date().toISOString(), ip: address, client: printable(client) });
    this.timer ??= setTimeout(() => void this.flush(), FLUSH_AFTER_MS).unref();
  }

  /** Writes what is waiting; resolves when it is written, or logged as lost. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const uses = this.pending;
    this.pending = [];
    if (uses.length > 0) this.writing = this.writing.then(() => this.write(uses));
    return this.writing;
  }

  /** After the last request, before the database closes. */
  onApplicationShutdown(): Promise<void> {
    return this.flush();
  }

  /** SKIP LOCKED: a token that is being revoked or spent right now is neither awaited nor deadlocked with. */
  private async write(uses: readonly Use[]): Promise<void> {
    try {
      const pats = uses.filter(({ kind }) => kind === 'pat');
      if (pats.length > 0) await this.writePats(pats);
      const grants = uses.filter(({ kind }) => kind === 'oauth');
      if (grants.length > 0) await this.writeGrants(grants);
    } catch (error) {
      this.logger.warn({ err: error, tokens: uses.length }, 'could not write when tokens were last used');
    }
  }

  private async writePats(uses: readonly Use[]): Promise<void> {
    await this.prisma.$executeRaw`
        WITH used AS (
          SELECT * FROM jsonb_to_recordset(${JSON.stringify(uses)}::jsonb)
            AS u(id uuid, at timestamptz, ip text, client text)),
        free AS (
          SELECT id FROM personal_access_tokens WHERE id IN (SELECT id FROM used) FOR NO KEY UPDATE SKIP LOCKED)
        UPDATE personal_access_tokens AS t
        SET last_used_at = used.at, last_used_ip = used.ip, last_used_client = used.client
        FROM used JOIN free USING (id)
        WHERE t.id = used.id AND (t.last_used_at IS NULL OR t.last_used_at < used.at)`;
  }

  private async writeGrants(uses: readonly Use[]): Promise<void> {
    await this.prisma.$executeRaw`
      WITH used AS (
        SELECT * FROM jsonb_to_recordset(${JSON.stringify(uses)}::jsonb)
          AS u(id uuid, at timestamptz, ip text, client text)),
      free AS (
        SELECT id FROM oauth_grants WHERE id IN (SELECT id FROM used) FOR NO KEY UPDATE SKIP LOCKED)
      UPDATE oauth_grants AS g
      SET last_used_at = used.at, last_used_ip = used.ip, last_used_client = used.client
      FROM used JOIN free USING (id)
      WHERE g.id = used.id AND (g.last_used_at IS NULL OR g.last_used_at < used.at)`;
  }
}

/** Printable ASCII only, as User-Agents are, and no token; what pages show of it is text of a stranger. */
function printable(client: string | undefined): string | null {
  const visible = client?.replace(/[^\x20-\x7e]/g, '').trim();
  // Looked at before it is cut: half a token is still too much of one.
  return visible ? auditText(visible, Infinity).slice(0, MAX_CLIENT) : null;
}
