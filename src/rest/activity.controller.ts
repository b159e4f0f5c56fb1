import { Readable } from 'node:stream';
import { Controller, Get, Header, Query, StreamableFile, UseInterceptors } from '@nestjs/common';
import { type ActivityEvent, type ActivityFilter, ActivityService } from '../audit/activity.service.js';
import { calendarDay } from '../audit/calendar-day.js';
import { csvHeader, csvLine } from '../audit/csv.js';
import { Access } from '../auth/access.decorator.js';
import { invalidFields } from '../auth/field-errors.js';
import { CurrentSession } from '../auth/request-identity.js';
import type { CurrentSession as Session } from '../auth/session/session.js';
import { Describe } from '../http/route-description.js';
import { operationsOf } from '../tools/recorded-operations.js';
import { ActivityQueryDto } from './dto/activity-query.dto.js';
import { ACTIVITY_COLUMNS, activitySchema } from './dto/activity.view.js';
import { jsonSchema } from './openapi/json-schema.js';
import { StrictQuery } from './strict-query.interceptor.js';

const LIMIT = 50;

const text = (name: string, description: string, schema: Readonly<Record<string, unknown>> = {}) =>
  ({ name, in: 'query', description, schema: { type: 'string', ...schema } }) as const;

interface ActivityAnswer {
  readonly events: readonly ActivityEvent[];
  readonly next_cursor: string | null;
}

/** What the signed-in person's tokens and apps did. */
@Controller('v1/activity')
@UseInterceptors(StrictQuery)
export class ActivityController {
  constructor(private readonly activity: ActivityService) {}

  @Get()
  @Access('session')
  @Header('cache-control', 'no-store')
  @Describe({
    summary: 'What your tokens and apps did, and what you changed about them',
    parameters: [
      text('app', 'Of this OAuth client or grant.'),
      text('token', 'Of this credential.'),
      text(
        'tool',
        'Of this tool, also where a client did the same by the paths under /api; or of this route or action.',
      ),
      text('outcome', 'With this outcome.', { enum: ['ok', 'error', 'denied', 'intent'] }),
      text('since', 'Not before this time.', { format: 'date-time' }),
      text('until', 'Before this time.', { format: 'date-time' }),
      { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 200, default: LIMIT } },
      text('cursor', '`next_cursor` of an earlier page.'),
      text('format', 'csv or ndjson: all that matches, as a file.', { enum: ['json', 'csv', 'ndjson'] }),
    ],
    answers: [
      {
        status: 200,
        description: 'Newest first.',
        schema: jsonSchema(activitySchema, 'output'),
        files: ['text/csv', 'application/x-ndjson'],
      },
    ],
    errors: ['invalid_request'],
  })
  async list(
    @CurrentSession() { userId }: Session,
    @Query() query: ActivityQueryDto,
  ): Promise<ActivityAnswer | StreamableFile> {
    const filter = filterOf(query);
    if (query.format === 'csv' || query.format === 'ndjson') return this.file(userId, filter, query.format);
    const page = await this.activity.page(userId, filter, Number(query.limit ?? LIMIT), query.cursor);
    if (page === undefined) throw invalidFields([{ path: 'cursor', message: 'must be a next_cursor of ours' }]);
    return { events: page.events, next_cursor: page.nextCursor };
  }

  private file(userId: string, filter: ActivityFilter, format: 'csv' | 'ndjson'): StreamableFile {
    const lines = linesOf(this.activity.all(userId, filter), format);
    return new StreamableFile(Readable.from(lines), {
      type: format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson',
      disposition: `attachment; filename="tradecafe-activity.${format}"`,
    });
  }
}

function filterOf({ app, token, tool, outcome, since, until }: ActivityQueryDto): ActivityFilter {
  const operations = tool === undefined ? undefined : operationsOf(tool);
  return { app, token, operations, outcome, since: momentOf('since', since), until: momentOf('until', until) };
}

function momentOf(path: string, value: string | undefined): Date | undefined {
  if (value === undefined) return undefined;
  const moment = new Date(value);
  if (Number.isNaN(moment.getTime()) || calendarDay(value.slice(0, 10)) === undefined)
    throw invalidFields([{ path, message: 'must be a time that exists' }]);
  return moment;
}

/** A chunk a page: whoever reads slowly keeps one page in memory. */
async function* linesOf(
  pages: AsyncIterable<readonly ActivityEvent[]>,
  format: 'csv' | 'ndjson',
): AsyncGenerator<string> {
  if (format === 'csv') yield csvHeader(ACTIVITY_COLUMNS);
  for await (const events of pages) {
    const line = (event: ActivityEvent): string =>
      format === 'csv' ? csvLine(event, ACTIVITY_COLUMNS) : `${JSON.stringify(event)}\n`;
    if (events.length > 0) yield events.map(line).join('');
  }
}
