import { Injectable } from '@nestjs/common';
import { PwaBeClient } from '../pwa-be/pwa-be.client.js';
import type { ReadUpstream } from './write-operation.js';

/** Looks at pwa-be on a user's behalf when nobody is calling. What it hands out cannot send, by its type. */
@Injectable()
export class Observers {
  constructor(private readonly pwaBe: PwaBeClient) {}

  /** @param deadlineMs within which every look ends */
  forUser(userId: string, deadlineMs: number): ReadUpstream {
    return this.pwaBe.forUser(userId, { deadlineMs });
  }
}
