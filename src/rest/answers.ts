import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Resource } from '../auth/access.decorator.js';
import { scopeChallenge } from '../auth/challenge.js';
import type { Principal } from '../auth/principal.js';
import { isScope } from '../auth/scopes.js';
import { CONFIG, type Config } from '../config/config.js';
import { AppError } from '../errors/app-error.js';
import { CallLimiter } from '../tools/call-limiter.js';

/** What every answer of the gateway says besides its content. */
@Injectable()
export class Answers {
  constructor(
    private readonly limiter: CallLimiter,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * The headers of an answer to this principal, success or not: the mode, and where its credential stands
   * (draft-ietf-httpapi-ratelimit-headers-10, `RateLimit-Policy` and `RateLimit`, both structured fields).
   */
  async announce(reply: FastifyReply, principal: Principal): Promise<void> {
    const { limit, windowSeconds, remaining, resetSeconds } = await this.limiter.stateOf(principal);
    void reply.headers({
      'tradecafe-mode': this.config.mode,
      'ratelimit-policy': `"credential";q=${limit};w=${windowSeconds}`,
      ratelimit: `"credential";r=${remaining};t=${resetSeconds}`,
    });
  }

  /** The refusal as HTTP says it: a scope that is missing comes with the challenge for it (RFC 6750 §3.1). */
  refusal(error: AppError, principal: Principal, resource: Resource): AppError {
    const needed = error.data['required_scope'];
    if (error.code !== 'insufficient_scope' || typeof needed !== 'string' || !isScope(needed)) return error;
    const { code, detail, data } = error;
    const challenge = scopeChallenge(this.config, resource, principal.scopes, needed);
    return new AppError(code, { detail, data, headers: { 'www-authenticate': challenge }, cause: error });
  }
}
