import { Inject, Injectable } from '@nestjs/common';
import { AppError } from '../../../errors/app-error.js';
import { USER_DIRECTORY, type UserDirectory } from '../../user-directory.js';
import { GrantStore } from '../grants/grant.store.js';
import type { Decision } from './consent-decision.js';
import type { ConsentRequest } from './consent-request.js';

/** Writes down what a person agreed to. */
@Injectable()
export class GrantsFromConsent {
  constructor(
    private readonly grants: GrantStore,
    @Inject(USER_DIRECTORY) private readonly directory: UserDirectory,
  ) {}

  /**
   * @returns the grant's id
   * @throws AppError user_unknown, and `upstream_…` when TradeCafe cannot be asked whether the user exists
   */
  async create(userId: string, request: ConsentRequest, decision: NonNullable<Decision>): Promise<string> {
    if ((await this.directory.describe(userId)) === undefined) throw new AppError('user_unknown');
    const { clientId, clientName, resource } = request;
    return this.grants.create({ userId, clientId, clientName, resource, ...decision });
  }
}
