import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { h } from 'preact';
import { ConsentService } from '../../auth/oauth/consent/consent.service.js';
import { DeviceService } from '../../auth/oauth/consent/device.service.js';
import type { CurrentSession } from '../../auth/session/session.js';
import { AppError } from '../../errors/app-error.js';
import { errorHeaders } from '../../http/problem.js';
import { formField } from '../page/form-field.js';
import { PageRenderer } from '../page/page-renderer.js';
import { draftFields, readDraft } from './consent-draft.js';
import { readConsentForm } from './consent-form.js';
import { type AskedForm, ConsentPages } from './consent-pages.js';
import { DeviceCodePage } from './device-code.page.js';
import { DeviceDonePage } from './device-done.page.js';

/** What the device page shows beside the code, as another try may succeed. */
const CODE_ERRORS = new Set<string>(['user_code_unknown', 'rate_limited']);

/** What the pages of the authorization server answer. */
@Injectable()
export class OauthPages {
  constructor(
    private readonly consents: ConsentService,
    private readonly devices: DeviceService,
    private readonly asking: ConsentPages,
    private readonly pages: PageRenderer,
  ) {}

  /** @throws AppError authorization_expired */
  async consent(session: CurrentSession, uid: string, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const asked = await this.asked(uid, request, reply);
    await this.asking.show(session, asked, reply, readDraft(request.query));
  }

  /**
   * Redirects to the app, by way of the authorization endpoint; or shows the form as it was filled in.
   * @throws AppError authorization_expired
   */
  async decide(
    session: CurrentSession,
    uid: string,
    body: unknown,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const form = readConsentForm(body);
    try {
      const next = await this.consents.decide(uid, form, session, request, reply);
      void reply.header('cache-control', 'no-store').redirect(next, 303);
    } catch (error) {
      await this.asking.showAgain(session, () => this.asked(uid, request, reply), reply, form, error);
    }
  }

  /** @param query `user_code`: what `verification_uri_complete` says; the person still has to send it themselves */
  deviceCode(session: CurrentSession, query: unknown, reply: FastifyReply, error?: AppError): void {
    const body = h(DeviceCodePage, {
      userCode: (formField(query, 'user_code') ?? '').slice(0, 32),
      csrfToken: session.csrfToken,
      error: error && `${error.entry.title} ${error.entry.next}`,
      draft: readDraft(query) === undefined ? [] : draftFields(query),
    });
    const status = error === undefined ? 200 : error.code === 'user_code_unknown' ? 422 : error.entry.status;
    if (error !== undefined) void reply.headers(errorHeaders(error));
    const title = error === undefined ? 'Connect a device' : 'Error: Connect a device';
    this.pages.send(reply, { title, session, body }, status);
  }

  /** First the code, then the decision. */
  async device(session: CurrentSession, body: unknown, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const userCode = formField(body, 'user_code') ?? '';
    const proof = formField(body, 'device_proof');
    try {
      if (proof === undefined) {
        await this.asking.show(session, await this.waiting(session, userCode, request), reply, readDraft(body));
      } else {
        await this.decideForDevice(session, userCode, proof, body, request, reply);
      }
    } catch (error) {
      if (!(error instanceof AppError) || !CODE_ERRORS.has(error.code)) throw error;
      this.deviceCode(session, body, reply, error);
    }
  }

  private async decideForDevice(
    session: CurrentSession,
    userCode: string,
    proof: string,
    body: unknown,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const form = readConsentForm(body);
    try {
      const allowed = await this.devices.decide(userCode, proof, form, session, request.ip);
      this.pages.send(reply, { title: 'Connect a device', session, body: h(DeviceDonePage, { allowed }) });
    } catch (error) {
      await this.asking.showAgain(session, () => this.waiting(session, userCode, request), reply, form, error);
    }
  }

  private async asked(uid: string, request: FastifyRequest, reply: FastifyReply): Promise<AskedForm> {
    const action = `/oauth/interaction/${uid}`;
    return { request: await this.consents.load(uid, request, reply), form: { action, hidden: {} }, again: action };
  }

  private async waiting(session: CurrentSession, typed: string, { ip }: FastifyRequest): Promise<AskedForm> {
    const { request, userCode, proof } = await this.devices.find(typed, session, ip);
    const form = { action: '/oauth/device', hidden: { user_code: userCode, device_proof: proof } };
    return { request, form, userCode, again: `/oauth/device?user_code=${userCode}` };
  }
}
