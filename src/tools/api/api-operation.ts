import type { z } from 'zod';
import type { Principal } from '../../auth/principal.js';
import type { Scope } from '../../auth/scopes.js';
import type { UserUpstream } from '../../pwa-be/pwa-be.client.js';
import type { ReadUpstream, WriteOperation } from '../../safety/write-operation.js';

/** What a read gets besides its arguments. */
export interface ApiReadContext {
  readonly principal: Principal;
  readonly upstream: ReadUpstream & Pick<UserUpstream, 'waitedMs'>;
  /** Notes that the caller was shown these rows of `/trade/active`; pwa-be's own ids. */
  readonly showTrades: (ids: readonly string[]) => Promise<void>;
}

interface ApiFace<Input extends z.ZodObject> {
  /** pwa-be's path; `:id` becomes the argument `id`. */
  readonly path: string;
  /** Any one of them opens it. */
  readonly scopes: readonly [Scope, ...Scope[]];
  /** Path and query; strict. */
  readonly input: Input;
}

/** One of pwa-be's paths to read. */
export interface ApiRead<Input extends z.ZodObject = z.ZodObject> extends ApiFace<Input> {
  /** @returns what pwa-be answers there, as far as it may leave */
  read(args: z.output<Input>, context: ApiReadContext): Promise<object>;
}

/** One of pwa-be's paths to write. */
export interface ApiWrite<Input extends z.ZodObject = z.ZodObject> extends ApiFace<Input> {
  readonly action: WriteOperation['action'];
}

/** Ties a read to its input's type; the value is returned as it is. */
export function apiRead<Input extends z.ZodObject>(operation: ApiRead<Input>): ApiRead<Input> {
  return operation;
}
