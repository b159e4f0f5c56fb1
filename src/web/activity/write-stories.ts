import { Injectable } from '@nestjs/common';
import type { ActivityEvent } from '../../audit/activity.service.js';
import { PrismaService } from '../../database/prisma.service.js';
import type { WriteStory } from './sentences.js';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What the ledger knows of the writes in a person's log: pair and result, which the log itself does not hold. */
@Injectable()
export class WriteStories {
  constructor(private readonly prisma: PrismaService) {}

  /** By commit id, as the events' arguments carry it. */
  async of(userId: string, events: readonly ActivityEvent[]): Promise<ReadonlyMap<string, WriteStory>> {
    const ids = new Set(events.map(commitIdOf).filter((id) => id !== undefined));
    if (ids.size === 0) return new Map();
    const commits = await this.prisma.commit.findMany({
      where: { userId, id: { in: [...ids] } },
      select: { id: true, preview: true },
    });
    return new Map(commits.map(({ id, preview }) => [id, shownOf(preview)]));
  }
}

/** The commit that an event belongs to. */
export function commitIdOf({ arguments: { commit_id: id } }: ActivityEvent): string | undefined {
  return typeof id === 'string' && UUID.test(id) ? id : undefined;
}

function shownOf(preview: unknown): WriteStory {
  const { shown = {} } = preview as { shown?: Readonly<Record<string, unknown>> };
  const { symbol, expected_realized_pnl_usdt: pnl } = shown;
  return {
    symbol: typeof symbol === 'string' ? symbol : undefined,
    expected: typeof pnl === 'number' ? `${pnl < 0 ? '−' : '+'}${Math.abs(pnl).toFixed(2)} USDT` : undefined,
  };
}
