import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { CONFIG, type Config } from '../../config/config.js';
import { AppError } from '../../errors/app-error.js';
import type { Resource } from '../access.decorator.js';
import { tokenRefused } from '../bearer/token-refused.js';
import type { Principal } from '../principal.js';
import { ALL_SCOPES } from '../scopes.js';
import { sessionVerifier, type VerifySessionToken } from './session-token.js';

/** A JWT in the one place that counts; the cookie is not looked at. */
const BEARER_JWT = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+) *$/i;

/**
 * The site's own session token as a bearer, which clients in the field send today. At /api only: a session of the site is
 * no token for this service (RFC 8707 §2), and at /mcp and /v1 nobody ever sent one.
 */
@Injectable()
export class SessionBearer {
  private readonly verifyToken: VerifySessionToken;

  constructor(@Inject(CONFIG) private readonly config: Config) {
    this.verifyToken = sessionVerifier(config);
  }

  /**
   * @returns undefined when the request carries no JWT, or where none is taken: then it is treated as any bearer token
   * @throws AppError token_invalid; upstream_unavailable when the site's key set cannot be fetched
   */
  async principalOf({ headers }: FastifyRequest, resource: Resource): Promise<Principal | undefined> {
    if (resource !== 'api' || !this.config.apiAcceptSession) return undefined;
    const token = BEARER_JWT.exec(headers.authorization ?? '')?.[1];
    if (token === undefined) return undefined;
    return sessionPrincipal(await this.userOf(token));
  }

  private async userOf(token: string): Promise<string> {
    try {
      return (await this.verifyToken(token)).userId;
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'session_required') throw error;
      throw tokenRefused(
        this.config,
        'token_invalid',
        'The TradeCafe session has ended: sign in again, or use a personal access token.',
      );
    }
  }
}

/**
 * All scopes: the same JWT opens all of it at pwa-be itself, so that to hold back writes would protect nobody and break
 * who writes this way today. Here they at least pass ledger, freeze, limits and log.
 */
function sessionPrincipal(userId: string): Principal {
  return {
    userId,
    credentialId: 'session',
    kind: 'session',
    credentialName: null,
    scopes: new Set(ALL_SCOPES),
    maxTradeUsdt: null,
    writePolicy: 'token_only',
  };
}
