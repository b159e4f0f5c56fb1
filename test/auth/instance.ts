import { FailureLimit } from '../../src/auth/bearer/failure-limit.js';
import { LastUsed } from '../../src/auth/bearer/last-used.js';
import { TokenCache } from '../../src/auth/bearer/token-cache.js';
import type { TokenKind } from '../../src/auth/bearer/token-kind.js';
import { TokenVerifier } from '../../src/auth/bearer/token-verifier.js';
import { PatHash } from '../../src/auth/pat/pat-hash.js';
import { PatKind } from '../../src/auth/pat/pat.kind.js';
import { PatService } from '../../src/auth/pat/pat.service.js';
import { UserStanding } from '../../src/auth/pat/user-standing.js';
import type { UserDirectory } from '../../src/auth/user-directory.js';
import type { Config } from '../../src/config/config.js';
import { loadConfig } from '../../src/config/load-config.js';
import { Notifications } from '../../src/database/notifications.js';
import { PrismaService } from '../../src/database/prisma.service.js';
import { AppError } from '../../src/errors/app-error.js';
import { testLogger } from '../support/run-logs/run-logs.js';

/** Counts what a check of a token costs. */
interface Costs {
  argon: number;
  loads: number;
}

/** The auth room of one instance of the service, on a database that it may share with others. */
export interface Instance {
  readonly config: Config;
  readonly prisma: PrismaService;
  readonly notifications: Notifications;
  readonly cache: TokenCache;
  readonly verifier: TokenVerifier;
  readonly tokens: PatService;
  readonly lastUsed: LastUsed;
  readonly costs: Costs;
  close(): Promise<void>;
}

export interface InstanceOptions {
  /** Who TradeCafe says its users are; everybody by default. */
  readonly describe?: UserDirectory['describe'];
  /** Runs between the end of a load and the verifier's hearing of it. */
  readonly afterLoad?: () => Promise<void>;
}

class CountingHash extends PatHash {
  constructor(
    pepper: string,
    private readonly costs: Costs,
  ) {
    super(pepper);
  }

  override verifySecret(phc: string, secret: string): Promise<boolean> {
    this.costs.argon += 1;
    return super.verifySecret(phc, secret);
  }
}

export async function startInstance(url: string, options: InstanceOptions = {}): Promise<Instance> {
  const config = await loadConfig({
    NODE_ENV: 'test',
    TRADECAFE_MODE: 'mock',
    TOKEN_PEPPER: 'test-pepper-of-the-token-hashes-000000001',
    AUDIT_SIGNING_KEY: 'dGVzdC1rZXktb2YtdGhlLWF1ZGl0LWxvZy0wMDAwMDE=',
    PWA_BE_JWT_SECRET: 'test-secret-of-the-pwa-be-user-tokens-0001',
    SESSION_JWT_SECRET: 'test-secret-of-the-site-session-cookie-0001',
    LOG_LEVEL: 'silent',
  });
  const logger = testLogger();
  const costs: Costs = { argon: 0, loads: 0 };
  const prisma = new PrismaService({ url });
  const notifications = new Notifications({ url }, prisma, logger);
  const cache = new TokenCache(notifications);
  const directory: UserDirectory = { describe: options.describe ?? (() => Promise.resolve({ username: 'somebody' })) };
  const hash = new CountingHash(config.secrets.tokenPepper, costs);
  const pat = new PatKind(config, prisma, hash, new UserStanding(directory, prisma, logger));
  const kind: TokenKind = {
    prefix: pat.prefix,
    wellFormed: (token) => pat.wellFormed(token),
    load: async (token, how) => {
      costs.loads += 1;
      const loaded = await pat.load(token, how);
      await options.afterLoad?.();
      return loaded;
    },
  };
  await notifications.start();
  return {
    config,
    prisma,
    notifications,
    cache,
    verifier: new TokenVerifier(config, [kind], cache, new FailureLimit()),
    tokens: new PatService(prisma, hash, cache, directory),
    lastUsed: new LastUsed(prisma, logger),
    costs,
    close: async () => {
      await notifications.stop();
      await prisma.$disconnect();
    },
  };
}

/** The code an attempt fails with, or `passes`. */
export async function codeOf(attempt: Promise<unknown>): Promise<string> {
  try {
    await attempt;
    return 'passes';
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

let users = 0;

/** A user id that no other test uses. */
export function someUser(): string {
  users += 1;
  return `usr_test_${process.pid}_${users}`;
}
