import { Injectable } from '@nestjs/common';
import { AppError } from '../errors/app-error.js';
import { PwaBeClient } from './pwa-be.client.js';

/** Whether pwa-be knows a user: what auth/ asks before it issues a credential. */
@Injectable()
export class PwaBeUserDirectory {
  constructor(private readonly client: PwaBeClient) {}

  /** @throws AppError `upstream_*` when pwa-be gave no clear answer: not knowing is not a no */
  async exists(userId: string): Promise<boolean> {
    try {
      await this.client.forUser(userId).user();
      return true;
    } catch (error) {
      if (error instanceof AppError && error.code === 'upstream_not_found') return false;
      throw error;
    }
  }
}
