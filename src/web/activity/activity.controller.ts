import { Controller, Get, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { h } from 'preact';
import { ActivityService } from '../../audit/activity.service.js';
import { RowChecker } from '../../audit/log/row-check.js';
import { Access } from '../../auth/access.decorator.js';
import { invalidFields } from '../../auth/field-errors.js';
import { GrantService } from '../../auth/oauth/grants/grant.service.js';
import { PatService } from '../../auth/pat/pat.service.js';
import { CurrentSession } from '../../auth/request-identity.js';
import type { CurrentSession as Session } from '../../auth/session/session.js';
import { formField } from '../page/form-field.js';
import { SettingsPages } from '../settings/settings-pages.js';
import { ActivityPage } from './activity.page.js';
import type { FilterChoices } from './activity-filters.js';
import { filterOf, readActivityQuery } from './activity-query.js';
import { groupEvents } from './group-events.js';
import { WriteStories } from './write-stories.js';

const PAGE_SIZE = 50;

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
    const query = readActivityQuery(raw);
    const page = await this.activity.page(session.userId, filterOf(query), PAGE_SIZE, formField(raw, 'cursor'));
    if (page === undefined) throw invalidFields([{ path: 'cursor', message: 'must be one of ours' }]);
    const { events, nextCursor } = page;
    const [stories, check, choices] = await Promise.all([
      this.stories.of(session.userId, events),
      this.checker.check(events.map(({ id }) => id)),
      this.choices(session),
    ]);
    const entries = groupEvents(events);
    const body = h(ActivityPage, { entries, stories, check, query, choices, nextCursor, now: new Date() });
    await this.pages.send(reply, session, { title: 'Activity', section: 'activity', body });
  }

  private async choices({ userId }: Session): Promise<FilterChoices> {
    const [tokens, apps] = await Promise.all([this.pats.list(userId), this.grants.list(userId)]);
    return {
      tokens: tokens.map(({ id, name, hint }) => [id, `${name} (${hint})`]),
      apps: apps.map(({ id, clientName }) => [id, clientName ?? 'Without a name']),
    };
  }
}
