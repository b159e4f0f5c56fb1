import { Controller, Get, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { h } from 'preact';
import { ActivityService, cursorAfter } from '../../audit/activity.service.js';
import { RowChecker } from '../../audit/log/row-check.js';
import { Access } from '../../auth/access.decorator.js';
import { GrantService } from '../../auth/oauth/grants/grant.service.js';
import { PatService } from '../../auth/pat/pat.service.js';
import { CurrentSession } from '../../auth/request-identity.js';
import type { CurrentSession as Session } from '../../auth/session/session.js';
import { formField } from '../page/form-field.js';
import { SettingsPages } from '../settings/settings-pages.js';
import { ActivityPage, type ActivityResult } from './activity.page.js';
import type { FilterChoices } from './activity-filters.js';
import { type ActivityQuery, filterOf, readActivityQuery } from './activity-query.js';
import { groupPage } from './group-events.js';
import { WriteStories } from './write-stories.js';

const PAGE_SIZE = 50;
/** How many events on either side of a page may belong to one of its entries. */
const SURROUNDINGS = 200;

/** The audit log as its owner reads it. */
@Controller('settings/activity')
export class ActivityController {
  constructor(
    private readonly activity: ActivityService,
    private readonly checker: RowChecker,
    private readonly stories: WriteStories,
    private readonly pats: PatService,
    private readonly grants: GrantService,
    private readonly pages: SettingsPages,
  ) {}

  @Get()
  @Access('session')
  async show(@CurrentSession() session: Session, @Query() raw: unknown, @Res() reply: FastifyReply): Promise<void> {
    const { query, errors } = readActivityQuery(raw);
    const good = Object.keys(errors).length === 0;
    const [result, choices] = await Promise.all([
      good ? this.result(session, query, formField(raw, 'cursor')) : undefined,
      this.choices(session),
    ]);
    const body = h(ActivityPage, { query, errors, choices, result, now: new Date() });
    const status = result === undefined ? 422 : 200;
    await this.pages.send(reply, session, { title: 'Activity', section: 'activity', body }, status);
  }

  /** @returns undefined when the cursor is none of ours */
  private async result(
    { userId }: Session,
    query: ActivityQuery,
    cursor: string | undefined,
  ): Promise<ActivityResult | undefined> {
    const filter = filterOf(query);
    const page = await this.activity.page(userId, filter, PAGE_SIZE + SURROUNDINGS, cursor);
    if (page === undefined) return undefined;
    const [own, older] = [page.events.slice(0, PAGE_SIZE), page.events.slice(PAGE_SIZE)];
    const [first] = own;
    const newer =
      cursor === undefined || first === undefined ? [] : await this.activity.newer(userId, filter, first, SURROUNDINGS);
    const { entries, last } = groupPage({ newer, own, older });
    const shown = entries.flatMap(({ event, steps }) => [event, ...steps]);
    const [stories, check] = await Promise.all([
      this.stories.of(userId, shown),
      this.checker.check(shown.map(({ id }) => id)),
    ]);
    return { entries, stories, check, nextCursor: last === undefined ? null : cursorAfter(last) };
  }

  private async choices({ userId }: Session): Promise<FilterChoices> {
    const [tokens, apps] = await Promise.all([this.pats.list(userId), this.grants.list(userId)]);
    return {
      tokens: tokens.map(({ id, name, hint }) => [id, `${name} (${hint})`]),
      apps: apps.map(({ id, clientName }) => [id, clientName ?? 'Without a name']),
    };
  }
}
