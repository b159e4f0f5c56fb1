import { IsIn, IsOptional, Matches } from 'class-validator';

const MOMENT = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;
const MOMENT_WORDS = { message: 'must be an RFC 3339 time or a date, e.g. 2026-01-31T00:00:00Z' };
/** PostgreSQL takes no NUL, and no name of ours has a control character. */
const TEXT = /^\P{Cc}{1,200}$/u;
const TEXT_WORDS = { message: 'must be given once, as up to 200 printable characters' };

/** Query of `GET /v1/activity`. */
export class ActivityQueryDto {
  /** OAuth client or grant. */
  @IsOptional()
  @Matches(TEXT, TEXT_WORDS)
  app?: string;

  /** Credential id. */
  @IsOptional()
  @Matches(TEXT, TEXT_WORDS)
  token?: string;

  /** Tool or route. */
  @IsOptional()
  @Matches(TEXT, TEXT_WORDS)
  tool?: string;

  @IsOptional()
  @IsIn(['ok', 'error', 'denied', 'intent'], { message: 'must be ok, error, denied or intent' })
  outcome?: string;

  /** Not before. */
  @IsOptional()
  @Matches(MOMENT, MOMENT_WORDS)
  since?: string;

  /** Before. */
  @IsOptional()
  @Matches(MOMENT, MOMENT_WORDS)
  until?: string;

  /** 1 to 200, 50 by default. */
  @IsOptional()
  @Matches(/^(?:[1-9]\d?|1\d\d|200)$/, { message: 'must be a number from 1 to 200' })
  limit?: string;

  /** `next_cursor` of an earlier page. */
  @IsOptional()
  @Matches(TEXT, TEXT_WORDS)
  cursor?: string;

  /** csv or ndjson: all that matches, as a file. */
  @IsOptional()
  @IsIn(['json', 'csv', 'ndjson'], { message: 'must be json, csv or ndjson' })
  format?: 'json' | 'csv' | 'ndjson';
}
