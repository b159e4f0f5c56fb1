import { createHmac, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../../config/config.js';
import { AppError } from '../../../errors/app-error.js';
import type { CurrentSession } from '../../session/session.js';
import { OauthLimits } from '../entry/oauth-limits.js';
import { AuthorizationServer } from '../provider/authorization-server.js';
import { resourceUrl } from '../resources.js';
import { deriveKey } from '../storage/artifact-seal.js';
import { ArtifactStore } from '../storage/artifact.store.js';
import { OauthCalls } from '../storage/oauth-call.js';
import { type ConsentForm, readDecision } from './consent-decision.js';
import { consentRequest, type ConsentRequest } from './consent-request.js';
import { GrantsFromConsent } from './grants-from-consent.js';

/** A device that waits, as the person who typed its code may see it. */
export interface WaitingDevice {
  readonly request: ConsentRequest;
  /** As the device shows it, e.g. `BCDF-GHJK`. */
  readonly userCode: string;
  /** Goes into the form that decides: only the session that was shown this page may send it. */
  readonly proof: string;
}

/** The person's side of the device flow (RFC 8628 §3.3): the code typed in, then the same consent as everywhere. */
@Injectable()
export class DeviceService {
  private readonly proofKey: Uint8Array;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly server: AuthorizationServer,
    private readonly artifacts: ArtifactStore,
    private readonly calls: OauthCalls,
    private readonly limits: OauthLimits,
    private readonly grants: GrantsFromConsent,
  ) {
    this.proofKey = deriveKey(config.secrets.tokenPepper, 'oauth-device');
  }

  /** @throws AppError user_code_unknown, rate_limited */
  async find(typed: string, session: CurrentSession, address: string): Promise<WaitingDevice> {
    const code = normalized(typed);
    await this.limits.userCode(session.userId, address);
    const { request } = await this.calls.run(address, () => this.waiting(code));
    await this.limits.userCodeFound(session.userId, address);
    return { request, userCode: `${code.slice(0, 4)}-${code.slice(4)}`, proof: this.proofOf(code, session) };
  }

  /**
   * Decides for the device, once.
   * @returns whether it was allowed in
   * @throws AppError user_code_unknown, csrf_failed for a session that was not asked (CVE-2026-45337), and those of
   * readDecision and GrantsFromConsent
   */
  async decide(
    typed: string,
    proof: string,
    form: ConsentForm,
    session: CurrentSession,
    address: string,
  ): Promise<boolean> {
    const code = normalized(typed);
    if (!sameText(proof, this.proofOf(code, session))) throw new AppError('csrf_failed');
    if (form.decision === 'authorize') await this.grants.requireUser(session.userId);
    return this.calls.runAtomically(
      address,
      async () => {
        // Of two who decide at once the second finds it decided.
        await this.artifacts.lockUserCode('DeviceCode', code);
        const { request, device } = await this.waiting(code);
        const decision = readDecision(form, request, session, this.config);
        if (decision === undefined) {
          Object.assign(device, { error: 'access_denied', errorDescription: 'the user cancelled' });
        } else {
          Object.assign(device, {
            accountId: session.userId,
            authTime: Math.floor(session.issuedAt.getTime() / 1000),
            grantId: await this.grants.create(session.origin, request, decision),
            scope: decision.scopes.join(' '),
            resource: resourceUrl(this.config, request.resource),
          });
        }
        await device.save();
        return decision !== undefined;
      },
      () => true,
    );
  }

  private async waiting(code: string) {
    const { DeviceCode, Client } = this.server.provider;
    const device = await DeviceCode.findByUserCode(code);
    const decided = device === undefined || device.accountId !== undefined || device.error !== undefined;
    const client = decided || device.clientId === undefined ? undefined : await Client.find(device.clientId);
    if (decided || client === undefined) throw new AppError('user_code_unknown');
    return { device, request: consentRequest(client, { ...device.params, redirect_uri: undefined }, this.config) };
  }

  private proofOf(code: string, { csrfToken }: CurrentSession): string {
    return createHmac('sha256', this.proofKey).update(`${code}.${csrfToken}`).digest('base64url');
  }
}

/** As the library stores it: people type small letters, spaces and hyphens. */
function normalized(typed: string): string {
  return typed
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, '')
    .slice(0, 64);
}

function sameText(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
