import type { UserUpstream, WriteAnswer } from '../pwa-be/pwa-be.client.js';

/** pwa-be without its writes: who looks cannot send. */
export type ReadUpstream = Omit<UserUpstream, 'approve' | 'close'>;
/** pwa-be's writes alone. */
type SendUpstream = Pick<UserUpstream, 'approve' | 'close'>;

/** What a write acts on, as it was when somebody looked: later looks are compared with it. */
export interface TradeFacts {
  /** pwa-be's own id of the row; the PUT names it. */
  readonly id: string;
  /** As pwa-be spells it: ETHUSDT */
  readonly symbol: string;
  readonly side: 'long' | 'short';
  readonly quantity: number;
  /** The price that counts for this operation. */
  readonly price: number;
  /** USDT to 2 decimals, as shown. */
  readonly sizeUsdt: number;
  /** pwa-be's `pending`; null when it did not say. */
  readonly pending: boolean | null;
}

export interface WritePreview {
  /** The public shape. */
  readonly shown: Readonly<Record<string, unknown>>;
  readonly facts: TradeFacts;
}

/** What looking at a trade tells about a write whose answer is not known. */
export interface Observation {
  readonly verdict: 'applied' | 'not_applied' | 'cannot_tell';
  /** What was seen, for the user and the ledger: one of our own short phrases. */
  readonly saw: string;
}

/** The arguments that name what is written to, without `dry_run` and `action_token`. */
export type WriteArguments = Readonly<Record<string, string>>;

/** What a reconciler may do with an operation: look, and say what it means. */
export interface ObservableOperation {
  /** The tool's name. */
  readonly tool: string;
  /** A fresh look. @throws AppError `upstream_*` when nobody could look */
  observe(upstream: ReadUpstream, facts: TradeFacts): Promise<Observation>;
  /**
   * The result once it is carried out.
   * @param at ISO 8601
   */
  committed(preview: WritePreview, at: string): Record<string, unknown>;
}

/** One thing that moves money. The write tools provide theirs; the safety room decides whether and when. */
export interface WriteOperation extends ObservableOperation {
  readonly action: 'approve' | 'close';
  /**
   * Whether a commit has to wait until an earlier one for the same trade has ended. Where looking can prove that it was
   * applied, two open commits for one trade would both be proved by one effect.
   */
  readonly exclusive: boolean;
  /** The argument that names the trade. */
  readonly argument: string;
  /** Asks for one sentence of consent, e.g. of a person. */
  question(preview: WritePreview): string;
  /** A fresh look at what would happen. @throws AppError when there is nothing to do it to, or `upstream_*` */
  preview(upstream: ReadUpstream, args: WriteArguments): Promise<WritePreview>;
  /**
   * Whether what would happen now is still what was shown.
   * @param tolerance relative price drift that is still the same
   */
  compare(seen: TradeFacts, now: TradeFacts, tolerance: number): 'same' | 'changed';
  /** USDT that a cap applies to; undefined: no cap applies. */
  capAmount(facts: TradeFacts): number | undefined;
  /**
   * The one PUT. Does not throw.
   * @param mayStart asked right before the first byte, when the connection is there
   */
  send(upstream: SendUpstream, id: string, idempotencyKey: string, mayStart: () => boolean): Promise<WriteAnswer>;
}

/** Injection token of all write operations, `readonly WriteOperation[]`. */
export const WRITE_OPERATIONS = Symbol('WRITE_OPERATIONS');
