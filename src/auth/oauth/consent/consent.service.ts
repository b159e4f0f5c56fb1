import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { InteractionResults } from 'oidc-provider';
import { CONFIG, type Config } from '../../../config/config.js';
import { AppError } from '../../../errors/app-error.js';
import type { CurrentSession } from '../../session/session.js';
import { AuthorizationServer } from '../provider/authorization-server.js';
import { errors } from '../provider/oidc-library.js';
import { OauthCalls } from '../storage/oauth-call.js';
import { type ConsentForm, readDecision } from './consent-decision.js';
import { consentRequest, type ConsentRequest } from './consent-request.js';
import { GrantsFromConsent } from './grants-from-consent.js';

/** The consent of an authorization: shown to, and decided by, the browser in which it began. */
@Injectable()
export class ConsentService {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly server: AuthorizationServer,
    private readonly calls: OauthCalls,
    private readonly grants: GrantsFromConsent,
  ) {}

  /**
   * @param uid of the interaction, as the address says
   * @throws AppError authorization_expired: over, used, or begun in another browser (GHSA-rww4-4w9c-7733)
   */
  async load(uid: string, request: FastifyRequest, reply: FastifyReply): Promise<ConsentRequest> {
    const interaction = await this.interaction(uid, request, reply);
    const client = await this.server.provider.Client.find(String(interaction.params['client_id']));
    if (client === undefined) throw new AppError('authorization_expired');
    return consentRequest(client, interaction.params, this.config);
  }

  /**
   * @returns where the browser goes on
   * @throws AppError as load, readDecision and GrantsFromConsent do
   */
  async decide(
    uid: string,
    form: ConsentForm,
    session: CurrentSession,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<string> {
    const asked = await this.load(uid, request, reply);
    const decision = readDecision(form, asked, session, this.config);
    const { userId, origin } = session;
    if (decision === undefined) {
      return this.finish({ error: 'access_denied', error_description: 'the user cancelled' }, request, reply);
    }
    await this.grants.requireUser(userId);
    // In one transaction: an earlier grant does not end unless the new one takes its place.
    return this.calls.runAtomically(
      request.ip,
      async () => {
        const grantId = await this.grants.create(origin, asked, decision);
        return this.finish({ login: { accountId: userId, remember: false }, consent: { grantId } }, request, reply);
      },
      () => true,
    );
  }

  private finish(result: InteractionResults, request: FastifyRequest, reply: FastifyReply): Promise<string> {
    return this.server.provider.interactionResult(request.raw, reply.raw, result, { mergeWithLastSubmission: false });
  }

  /** The library finds it by its signed cookie; the address must name the same one. */
  private async interaction(uid: string, request: FastifyRequest, reply: FastifyReply) {
    try {
      const interaction = await this.server.provider.interactionDetails(request.raw, reply.raw);
      if (interaction.uid === uid) return interaction;
    } catch (error) {
      if (!(error instanceof errors.SessionNotFound)) throw error;
    }
    throw new AppError('authorization_expired');
  }
}
