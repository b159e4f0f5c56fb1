import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { Strategy } from 'passport-http-bearer';
import type { Principal } from '../principal.js';

type Authenticate = (token: string) => Promise<Principal>;

/** Who answers for the token of a request. */
const authenticators = new WeakMap<object, Authenticate>();

/**
 * Tells the strategy how to answer for a request. Passport keeps one strategy for the whole process, the last that was
 * made; an application must not be answered for by another one's verifier.
 */
export function authenticateWith(request: object, authenticate: Authenticate): void {
  authenticators.set(request, authenticate);
}

/** Reads the bearer token as RFC 6750 §2.1 says and has it verified. */
@Injectable()
export class BearerStrategy extends PassportStrategy(Strategy, 'bearer') {
  constructor() {
    super({ passReqToCallback: true });
  }

  /** @throws AppError, see TokenVerifier */
  async validate(request: FastifyRequest, token: string): Promise<Principal | null> {
    return (await authenticators.get(request)?.(token)) ?? null;
  }
}
