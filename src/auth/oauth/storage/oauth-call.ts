import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import { PrismaService } from '../../../database/prisma.service.js';
import type { Prisma } from '../../../generated/prisma/client.js';

/** One call of the OAuth library, seen from inside. */
interface Call {
  /** Whose request it is, for limits. */
  readonly address: string;
  readonly transaction?: Prisma.TransactionClient;
  /** What was written must stay, although the call fails: a family that was revoked because of a replay. */
  keep: boolean;
  /** Why the library answered `server_error`. */
  failure?: unknown;
  /** What this process does once everything is written. */
  readonly afterwards: (() => void)[];
}

/** Ends a transaction whose call failed; nobody sees it. */
class RolledBack<Result> extends Error {
  constructor(readonly result: Result) {
    super('rolled back');
  }
}

/**
 * The unit of work of the OAuth library, which knows nothing of transactions: its adapter finds the current one here.
 * Without it a token could be issued by a request that lost the race for its code.
 */
@Injectable()
export class OauthCalls {
  private readonly calls = new AsyncLocalStorage<Call>();

  constructor(private readonly prisma: PrismaService) {}

  /** The database as the current call sees it. */
  get database(): Prisma.TransactionClient {
    return this.calls.getStore()?.transaction ?? this.prisma;
  }

  /** Writes several things or none: in the current call's transaction, or in one of its own. */
  async atomically<Result>(action: (database: Prisma.TransactionClient) => Promise<Result>): Promise<Result> {
    const transaction = this.calls.getStore()?.transaction;
    return transaction === undefined ? this.prisma.$transaction(action) : action(transaction);
  }

  /** Where the current call's request came from. */
  get address(): string {
    return this.calls.getStore()?.address ?? '';
  }

  /** Has the current call's transaction commit whatever its answer is. */
  keep(): void {
    const call = this.calls.getStore();
    if (call !== undefined) call.keep = true;
  }

  /** Does something once the current call's transaction is through, or now if there is none. */
  afterwards(action: () => void): void {
    const call = this.calls.getStore();
    if (call?.transaction === undefined) action();
    else call.afterwards.push(action);
  }

  /** Remembers why the current call fails. */
  fail(failure: unknown): void {
    const call = this.calls.getStore();
    if (call !== undefined) call.failure = failure;
  }

  /** @throws what made the library answer `server_error` */
  async run<Result>(address: string, action: () => Promise<Result>): Promise<Result> {
    return this.inside({ address, keep: false, afterwards: [] }, action);
  }

  /**
   * The same in one transaction.
   * @param succeeded whether an answer keeps what was written on the way to it
   */
  async runAtomically<Result>(
    address: string,
    action: () => Promise<Result>,
    succeeded: (result: Result) => boolean,
  ): Promise<Result> {
    const afterwards: (() => void)[] = [];
    try {
      const answer = await this.prisma.$transaction(async (transaction) => {
        const call: Call = { address, transaction, keep: false, afterwards };
        const result = await this.inside(call, action);
        if (!succeeded(result) && !call.keep) throw new RolledBack(result);
        return result;
      });
      for (const act of afterwards) act();
      return answer;
    } catch (error) {
      if (error instanceof RolledBack) return error.result as Result;
      throw error;
    }
  }

  private async inside<Result>(call: Call, action: () => Promise<Result>): Promise<Result> {
    const result = await this.calls.run(call, action);
    if (call.failure !== undefined) throw call.failure;
    return result;
  }
}
