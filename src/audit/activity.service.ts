import { Injectable } from '@nestjs/common';
import { PrismaService } from '../database/prisma.service.js';
import { Prisma } from '../generated/prisma/client.js';
import type { AuditedValue } from './redact.js';

/** One event of a user's own log, as its owner sees it. */
export interface ActivityEvent {
  readonly id: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly credential_kind: string;
  readonly credential_id: string;
  readonly credential_name: string | null;
  readonly client_id: string | null;
  /** What the client calls itself; proves nothing. */
  readonly client_name: string | null;
  readonly transport: string;
  readonly operation: string;
  readonly arguments: Readonly<Record<string, AuditedValue>>;
  /** ok, error, denied or intent. */
  readonly outcome: string;
  readonly code: string | null;
  readonly duration_ms: number;
  readonly upstream_ms: number;
  readonly request_id: string;
  readonly trace_id: string | null;
  readonly address: string | null;
}

/** What to show; absent: all. */
export interface ActivityFilter {
  /** OAuth client, or grant. */
  readonly app?: string;
  /** Credential id. */
  readonly token?: string;
  /** Tools or routes; any of them. */
  readonly operations?: readonly string[];
  readonly outcome?: string;
  /** Not before. */
  readonly since?: Date;
  /** Before. */
  readonly until?: Date;
}

export interface ActivityPage {
  readonly events: readonly ActivityEvent[];
  /** Shows what comes after; null: that was all. */
  readonly nextCursor: string | null;
}

interface Position {
  readonly at: Date;
  readonly id: bigint;
}

const EXPORT_PAGE = 1_000;

/** A user's own part of the audit log, newest first. */
@Injectable()
export class ActivityService {
  constructor(private readonly prisma: PrismaService) {}

  /**
   * @param cursor of an earlier page
   * @returns undefined when the cursor is none of ours
   */
  async page(
    userId: string,
    filter: ActivityFilter,
    limit: number,
    cursor?: string,
  ): Promise<ActivityPage | undefined> {
    const after = cursor === undefined ? undefined : readCursor(cursor);
    if (after === undefined && cursor !== undefined) return undefined;
    const rows = await this.prisma.auditEvent.findMany({
      where: { userId, ...conditions(filter), ...(after && { AND: [behind(after)] }) },
      orderBy: [{ at: 'desc' }, { id: 'desc' }],
      take: limit + 1,
    });
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return {
      events: shown.map(eventOf),
      nextCursor: rows.length > limit && last !== undefined ? writeCursor(last) : null,
    };
  }

  /**
   * The events nearest to one, of those that came after it; newest first.
   * @param than an event of this user
   */
  async newer(
    userId: string,
    filter: ActivityFilter,
    than: ActivityEvent,
    limit: number,
  ): Promise<readonly ActivityEvent[]> {
    const rows = await this.prisma.auditEvent.findMany({
      where: { userId, ...conditions(filter), AND: [before(positionOf(than))] },
      orderBy: [{ at: 'asc' }, { id: 'asc' }],
      take: limit,
    });
    return rows.map(eventOf).toReversed();
  }

  /** All events that match, a page at a time. */
  async *all(userId: string, filter: ActivityFilter): AsyncGenerator<readonly ActivityEvent[]> {
    let cursor: string | null | undefined;
    do {
      const page: ActivityPage | undefined = await this.page(userId, filter, EXPORT_PAGE, cursor ?? undefined);
      if (page === undefined) return;
      yield page.events;
      cursor = page.nextCursor;
    } while (cursor !== null);
  }
}

function conditions({ app, token, operations, outcome, since, until }: ActivityFilter): Prisma.AuditEventWhereInput {
  return {
    ...(app !== undefined && { OR: [{ clientId: app }, { credentialKind: 'oauth', credentialId: app }] }),
    ...(token !== undefined && { credentialId: token }),
    ...(operations !== undefined && { operation: { in: [...operations] } }),
    ...(outcome !== undefined && { outcome }),
    ...((since !== undefined || until !== undefined) && { at: { gte: since, lt: until } }),
  };
}

/** Older than the position; the first condition is the one that the index is entered by. */
function behind({ at, id }: Position): Prisma.AuditEventWhereInput {
  return { at: { lte: at }, OR: [{ at: { lt: at } }, { id: { lt: id } }] };
}

/** Newer than the position. */
function before({ at, id }: Position): Prisma.AuditEventWhereInput {
  return { at: { gte: at }, OR: [{ at: { gt: at } }, { id: { gt: id } }] };
}

function positionOf({ at, id }: ActivityEvent): Position {
  return { at: new Date(at), id: BigInt(id) };
}

/** The cursor of the page that begins after an event. */
export function cursorAfter(event: ActivityEvent): string {
  return writeCursor(positionOf(event));
}

function writeCursor({ at, id }: Position): string {
  return Buffer.from(`${at.getTime()}.${id}`).toString('base64url');
}

function readCursor(cursor: string): Position | undefined {
  const [, at, id] = /^(\d{1,14})\.(\d{1,18})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
  return at === undefined || id === undefined ? undefined : { at: new Date(Number(at)), id: BigInt(id) };
}

function eventOf(row: Prisma.AuditEventGetPayload<object>): ActivityEvent {
  return {
    id: row.id.toString(),
    at: row.at.toISOString(),
    credential_kind: row.credentialKind,
    credential_id: row.credentialId,
    credential_name: row.credentialName,
    client_id: row.clientId,
    client_name: row.clientName,
    transport: row.transport,
    operation: row.operation,
    arguments: row.arguments as Record<string, AuditedValue>,
    outcome: row.outcome,
    code: row.code,
    duration_ms: row.durationMs,
    upstream_ms: row.upstreamMs,
    request_id: row.requestId,
    trace_id: row.traceId,
    address: row.address,
  };
}
