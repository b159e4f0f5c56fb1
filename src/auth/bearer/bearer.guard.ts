import { type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { CONFIG, type Config } from '../../config/config.js';
import type { Resource } from '../access.decorator.js';
import { AppError } from '../../errors/app-error.js';
import type { Principal } from '../principal.js';
import { authenticateWith } from './bearer.strategy.js';
import { LastUsed } from './last-used.js';
import { RefusalLog, refusedRequest } from './refusal-log.js';
import { tokenRefused } from './token-refused.js';
import { TokenVerifier } from './token-verifier.js';

/** The bearer part of the one guard: Passport's, without the places a token should not be read from. */
@Injectable()
export class BearerGuard extends AuthGuard('bearer') {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly verifier: TokenVerifier,
    private readonly lastUsed: LastUsed,
    private readonly refusals: RefusalLog,
  ) {
    super();
  }

  /**
   * @param resource what the route belongs to
   * @throws AppError token_in_query, token_missing, and those of TokenVerifier
   */
  async pass(context: ExecutionContext, resource: Resource): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    // The strategy would take these (RFC 6750 §2.2, §2.3); addresses end up in logs, and the MCP specification forbids it.
    if (holdsToken(request.query) || holdsToken(request.body)) throw tokenRefused(this.config, 'token_in_query');
    authenticateWith(request, async (token) => {
      const principal = await this.verify(token, request, resource);
      this.lastUsed.record(principal, request.ip, request.headers['user-agent']);
      return principal;
    });
    return (await this.canActivate(context)) === true;
  }

  private async verify(token: string, request: FastifyRequest, resource: Resource): Promise<Principal> {
    try {
      return await this.verifier.verify(token, { address: request.ip, resource });
    } catch (error) {
      if (error instanceof AppError) await this.refusals.record(error, refusedRequest(request));
      throw error;
    }
  }

  override handleRequest<User>(error: unknown, user: User, _info: unknown, context: ExecutionContext): User {
    if (error) throw error;
    if (user) return user;
    const sent = context.switchToHttp().getRequest<FastifyRequest>().headers.authorization ?? '';
    throw tokenRefused(this.config, /^bearer\b/i.test(sent) ? 'token_malformed' : 'token_missing');
  }
}

function holdsToken(part: unknown): boolean {
  return typeof part === 'object' && part !== null && 'access_token' in part;
}
