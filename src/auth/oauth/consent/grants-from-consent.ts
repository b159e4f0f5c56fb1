import { Inject, Injectable } from '@nestjs/common';
import type { AuditOrigin } from '../../../audit/account-action.js';
import { AppError } from '../../../errors/app-error.js';
import type { OauthGrant } from '../../../generated/prisma/client.js';
import { USER_DIRECTORY, type UserDirectory } from '../../user-directory.js';
import { GrantService } from '../grants/grant.service.js';
import { GrantStore } from '../grants/grant.store.js';
import type { Decision } from './consent-decision.js';
import type { ConsentRequest } from './consent-request.js';

/** Writes down what a person agreed to, beside or in place of what they had agreed to before. */
@Injectable()
export class GrantsFromConsent {
  constructor(
    private readonly grants: GrantStore,
    private readonly list: GrantService,
    @Inject(USER_DIRECTORY) private readonly directory: UserDirectory,
  ) {}

  /** What the same app may do already, at the same resource, newest first. */
  async earlier(userId: string, { clientId, resource }: ConsentRequest): Promise<OauthGrant[]> {
    const live = await this.list.list(userId);
    return live.filter((grant) => grant.clientId === clientId && grant.resource === resource);
  }

  /**
   * Before any transaction opens, as TradeCafe may take its time.
   * @throws AppError user_unknown, and `upstream_…` when TradeCafe cannot be asked whether the user exists
   */
  async requireUser(userId: string): Promise<void> {
    if ((await this.directory.describe(userId)) === undefined) throw new AppError('user_unknown');
  }

  /**
   * Ends what the person ticked among the app's earlier grants, and writes the new one: both or neither.
   * @returns the new grant's id
   */
  async create(by: AuditOrigin, request: ConsentRequest, decision: NonNullable<Decision>): Promise<string> {
    const { clientId, clientName, resource } = request;
    const { ends, ...rights } = decision;
    await this.grants.endEarlier(by, ends, { clientId, resource });
    return this.grants.create(by, { clientId, clientName, resource, ...rights });
  }
}
