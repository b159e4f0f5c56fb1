import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { AuditOrigin } from '../../audit/account-action.js';
import { CONFIG, type Config } from '../../config/config.js';
import { AppError } from '../../errors/app-error.js';
import { heldBy } from '../bearer/refusal-log.js';
import { readCookie } from './cookie.js';
import { checkCsrf, csrfTokenOf } from './csrf.js';
import type { CurrentSession } from './session.js';
import { sessionVerifier, type VerifySessionToken } from './session-token.js';

/** The existing site's session, as its cookie carries it. */
@Injectable()
export class SessionService {
  private readonly verifyToken: VerifySessionToken;

  constructor(@Inject(CONFIG) private readonly config: Config) {
    this.verifyToken = sessionVerifier(config);
  }

  /** @throws AppError session_required; upstream_unavailable when the site's key set cannot be fetched */
  async require(request: FastifyRequest): Promise<CurrentSession> {
    const token = readCookie(request.headers.cookie, this.config.session.cookie);
    if (token === undefined) throw new AppError('session_required');
    const claims = await this.verifyToken(token);
    const csrfToken = csrfTokenOf(token, this.config.secrets.tokenPepper);
    return { ...claims, csrfToken, origin: originOf(claims.userId, request) };
  }

  /**
   * The same for a request that changes something.
   * @throws AppError also csrf_failed
   */
  async requireWithCsrf(request: FastifyRequest): Promise<CurrentSession> {
    const session = await this.require(request);
    try {
      checkCsrf(request, session.csrfToken, this.config);
    } catch (error) {
      throw error instanceof AppError ? heldBy(session.origin.actor, error) : error;
    }
    return session;
  }
}

function originOf(userId: string, { id, url, ip, headers }: FastifyRequest): AuditOrigin {
  return {
    actor: { userId, kind: 'session', credentialId: 'session', credentialName: null },
    transport: url.startsWith('/v1/') ? 'rest' : 'web',
    requestId: id,
    clientName: headers['user-agent'],
    address: ip,
  };
}
