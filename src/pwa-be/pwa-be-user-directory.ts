import { Injectable } from '@nestjs/common';
import { AppError } from '../errors/app-error.js';
import { PwaBeClient } from './pwa-be.client.js';
import { sanitizeText } from './sanitize-text.js';

/** Who pwa-be says its users are: what auth/ asks before it issues a credential, and once a day after. */
@Injectable()
export class PwaBeUserDirectory {
  constructor(private readonly client: PwaBeClient) {}

  /**
   * @returns undefined when pwa-be knows no such user
   * @throws AppError `upstream_*` when pwa-be gave no clear answer: not knowing is not a no
   */
  async describe(userId: string): Promise<{ readonly username: string | null } | undefined> {
    try {
      const { username } = await this.client.forUser(userId).user();
      return { username: username === null ? null : sanitizeText(username) };
    } catch (error) {
      if (error instanceof AppError && error.code === 'upstream_not_found') return undefined;
      throw error;
    }
  }
}
