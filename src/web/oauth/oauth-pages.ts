import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { h } from 'preact';
import { mayGrantWrites } from '../../auth/session/session-age.js';
import type { ConsentRequest } from '../../auth/oauth/consent/consent-request.js';
import { ConsentService } from '../../auth/oauth/consent/consent.service.js';
import { DeviceService } from '../../auth/oauth/consent/device.service.js';
import type { CurrentSession } from '../../auth/session/session.js';
import { USER_DIRECTORY, type UserDirectory } from '../../auth/user-directory.js';
import { CONFIG, type Config } from '../../config/config.js';
import { AppError } from '../../errors/app-error.js';
import { loginAddress } from '../login/login-address.js';
import { formField } from '../page/form-field.js';
import { PageRenderer } from '../page/page-renderer.js';
import { readConsentForm } from './consent-form.js';
import { ConsentPage, type ConsentPageProps } from './consent.page.js';
import { DeviceCodePage } from './device-code.page.js';
import { DeviceDonePage } from './device-done.page.js';

/** What the pages of the authorization server answer. */
@Injectable()
export class OauthPages {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(USER_DIRECTORY) private readonly directory: UserDirectory,
    private readonly consents: ConsentService,
    private readonly devices: DeviceService,
    private readonly pages: PageRenderer,
  ) {}

  /** @throws AppError authorization_expired */
  async consent(session: CurrentSession, uid: string, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const asked = await this.consents.load(uid, request, reply);
    await this.ask(session, asked, { action: `/oauth/interaction/${uid}`, hidden: {} }, reply);
  }

  /** Redirects to the app, by way of the authorization endpoint. */
  async decide(
    session: CurrentSession,
    uid: string,
    body: unknown,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const next = await this.consents.decide(uid, readConsentForm(body), session, request, reply);
    void reply.header('cache-control', 'no-store').redirect(next, 303);
  }

  /** @param userCode what `verification_uri_complete` says; the person still has to send it themselves */
  deviceCode(session: CurrentSession, userCode: unknown, reply: FastifyReply, error?: string): void {
    const props = { userCode: typeof userCode === 'string' ? userCode.slice(0, 32) : '', csrfToken: session.csrfToken };
    const body = h(DeviceCodePage, { ...props, error });
    this.pages.send(reply, { title: 'Connect a device', session, body }, error === undefined ? 200 : 400);
  }

  /** First the code, then the decision. */
  async device(session: CurrentSession, body: unknown, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const userCode = formField(body, 'user_code') ?? '';
    const proof = formField(body, 'device_proof');
    try {
      if (proof === undefined) await this.askForDevice(session, userCode, request.ip, reply);
      else await this.decideForDevice(session, userCode, proof, body, request.ip, reply);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'user_code_unknown') throw error;
      this.deviceCode(session, userCode, reply, error.entry.title);
    }
  }

  private async askForDevice(session: CurrentSession, typed: string, address: string, reply: FastifyReply) {
    const { request, userCode, proof } = await this.devices.find(typed, session, address);
    const form = { action: '/oauth/device', hidden: { user_code: userCode, device_proof: proof } };
    await this.ask(session, request, form, reply, userCode);
  }

  private async decideForDevice(
    session: CurrentSession,
    userCode: string,
    proof: string,
    body: unknown,
    address: string,
    reply: FastifyReply,
  ): Promise<void> {
    const allowed = await this.devices.decide(userCode, proof, readConsentForm(body), session, address);
    this.pages.send(reply, { title: 'Connect a device', session, body: h(DeviceDonePage, { allowed }) });
  }

  private async ask(
    session: CurrentSession,
    request: ConsentRequest,
    form: ConsentPageProps['form'],
    reply: FastifyReply,
    userCode?: string,
  ): Promise<void> {
    const props: ConsentPageProps = {
      request,
      form,
      userCode,
      userName: await this.nameOf(session),
      csrfToken: session.csrfToken,
      mayWrite: mayGrantWrites(session, this.config),
      signInAgain: loginAddress(this.config, form.action),
    };
    const formTarget = request.destination?.formAction;
    this.pages.send(reply, { title: 'Allow access', session, formTarget, body: h(ConsentPage, props) });
  }

  private async nameOf({ userId }: CurrentSession): Promise<string> {
    try {
      return (await this.directory.describe(userId))?.username ?? userId;
    } catch (error) {
      // The name is for reading; whether the user exists is asked again when they say yes.
      if (error instanceof AppError) return userId;
      throw error;
    }
  }
}
