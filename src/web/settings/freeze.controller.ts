import { Body, Controller, HttpCode, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Access } from '../../auth/access.decorator.js';
import { CurrentSession } from '../../auth/request-identity.js';
import type { CurrentSession as Session } from '../../auth/session/session.js';
import { FreezeService } from '../../safety/freeze.service.js';
import { formFields } from '../page/form-field.js';
import { isSection, SECTIONS } from '../page/sections.js';

/** The switch on every settings page. */
@Controller('settings')
export class FreezeController {
  constructor(private readonly writes: FreezeService) {}

  @Post('freeze')
  @HttpCode(303)
  @Access('session+csrf')
  async freeze(
    @CurrentSession() { origin }: Session,
    @Body() body: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.writes.freeze(origin);
    goBack(body, reply);
  }

  @Post('resume')
  @HttpCode(303)
  @Access('session+csrf')
  async resume(
    @CurrentSession() { origin }: Session,
    @Body() body: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    await this.writes.resume(origin);
    goBack(body, reply);
  }
}

/**
 * To the list that the switch was pressed on: the field names one of ours, it is no address. Sent twice, the first one
 * counts: what was done must not look like a refusal.
 */
function goBack(body: unknown, reply: FastifyReply): void {
  const [back] = formFields(body, 'back');
  void reply.redirect(SECTIONS[isSection(back) ? back : 'tokens'].href, 303);
}
