import { jest } from '@jest/globals';
import { Client } from 'pg';
import { TokenVerifier } from '../../src/auth/bearer/token-verifier.js';
import type { TestApp } from '../support/app.js';

const ROUNDS = 7;
const CHECKS = 3_000;

/** What a check of a token costs that this process knows already. */
export interface WarmCost {
  /** Microseconds a check, of the best of several rounds: what the machine did besides is not the check's. */
  readonly micros: number;
}

/** Measures several tokens in turns, so that what slows the machine down slows all of them down. */
export async function warmCosts(app: TestApp, tokens: readonly string[]): Promise<WarmCost[]> {
  const verifier = app.service.app.get(TokenVerifier);
  const best = tokens.map(() => Infinity);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [index, token] of tokens.entries()) {
      // Fresh enough that no check of the round falls on the end of the cached answer.
      await verifier.verify(token, { fresh: true });
      const start = performance.now();
      for (let check = 0; check < CHECKS; check += 1) await verifier.verify(token, { resource: 'mcp' });
      best[index] = Math.min(best[index]!, ((performance.now() - start) * 1000) / CHECKS);
    }
  }
  return best.map((micros) => ({ micros }));
}

const OF_TOKENS = /oauth_artifacts|oauth_grants|personal_access_tokens/;

/** Statements about tokens and grants that left for the database while something ran; counted at the driver. */
export async function statementsDuring(action: () => Promise<unknown>): Promise<number> {
  const query = jest.spyOn(Client.prototype, 'query');
  try {
    await action();
    return query.mock.calls.filter(([statement]) => OF_TOKENS.test(textOf(statement))).length;
  } finally {
    query.mockRestore();
  }
}

function textOf(statement: unknown): string {
  return typeof statement === 'string' ? statement : String((statement as { text?: unknown } | null)?.text);
}
