import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../../errors/app-error.js';
import { waitForLock } from '../../../os/file-lock.js';
import { ensurePrivateDirectory, readPrivateFile, writePrivateFile } from '../../../os/private-file.js';

const STORED = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).optional(),
  /** ISO 8601. */
  expires_at: z.iso.datetime(),
  /** As granted, space-separated. */
  scope: z.string().optional(),
});

/** What one consent gave, as it lies in the file. */
export type StoredTokens = z.infer<typeof STORED>;

/** The member of the file that is ours. Others stay as they are: the npm client keeps its own tokens at the top level. */
const OURS = 'mcp';
/** Longest time a refresh, which holds the lock, may take before another process stops waiting for it. */
const LOCK_WAIT_MS = 30_000;

/** Where tokens are kept: `~/.tradecafe/tokens.json`. */
const tokenFilePath = (): string => join(homedir(), '.tradecafe', 'tokens.json');

/**
 * One backend's and client's tokens in the file that all processes of this user share: 0600 in a directory of 0700,
 * replaced as a whole, changed under a lock. A file that cannot be understood counts as empty: the person is asked anew.
 */
export class TokenFile {
  private readonly key: string;

  /** @param path of the file, absolute */
  constructor(
    endpoint: URL,
    clientId: string,
    private readonly path = tokenFilePath(),
  ) {
    this.key = `${endpoint.href} ${clientId}`;
  }

  /** @throws AppError sign_in_not_kept, as all that touches the file, when this user may not read it */
  read(): StoredTokens | undefined {
    const tokens = STORED.safeParse(onDisk(() => this.entries())[this.key]);
    return tokens.success ? tokens.data : undefined;
  }

  /** Replaces the tokens, or removes them. The caller holds the lock. */
  write(tokens: StoredTokens | undefined): void {
    onDisk(() => {
      const { [this.key]: _, ...others } = this.entries();
      const entries = tokens === undefined ? others : { ...others, [this.key]: tokens };
      ensurePrivateDirectory(this.path);
      writePrivateFile(this.path, `${JSON.stringify({ ...this.content(), [OURS]: entries }, null, 2)}\n`);
    });
  }

  /**
   * Runs what reads, refreshes and writes, while no other process does.
   * @throws Error when another one holds the lock for too long
   */
  async locked<T>(action: () => Promise<T> | T): Promise<T> {
    return this.under(`${this.path}.lock`, LOCK_WAIT_MS, action);
  }

  /** Runs what asks the person, while no other process asks for the same. @throws Error after `boundMs` */
  async asking<T>(boundMs: number, action: () => Promise<T>): Promise<T> {
    const name = createHash('sha256').update(this.key).digest('hex').slice(0, 16);
    return this.under(join(dirname(this.path), `consent-${name}.lock`), boundMs, action);
  }

  private async under<T>(lockPath: string, boundMs: number, action: () => Promise<T> | T): Promise<T> {
    onDisk(() => ensurePrivateDirectory(this.path));
    const lock = await waitForLock(lockPath, boundMs).catch(notKept);
    if (lock === undefined) throw new Error(`${lockPath} is held by another process for too long`);
    try {
      return await action();
    } finally {
      lock.release();
    }
  }

  private entries(): Record<string, unknown> {
    const entries = this.content()[OURS];
    return isRecord(entries) ? entries : {};
  }

  private content(): Record<string, unknown> {
    try {
      const content: unknown = JSON.parse(readPrivateFile(this.path) ?? '{}');
      return isRecord(content) ? content : {};
    } catch (error) {
      if (error instanceof SyntaxError) return {};
      throw error;
    }
  }
}

function onDisk<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    return notKept(error);
  }
}

/** A home that cannot be written, a file of somebody else's: the person can mend that, once they know. */
function notKept(error: unknown): never {
  const { syscall, code, path = 'The disk' } = error as NodeJS.ErrnoException;
  if (syscall === undefined) throw error;
  throw new AppError('sign_in_not_kept', { detail: `${path} (${code}).`, cause: error });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
