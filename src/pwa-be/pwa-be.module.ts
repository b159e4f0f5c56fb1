import { Module } from '@nestjs/common';
import { PwaBeClient } from './pwa-be.client.js';
import { PwaBeUserDirectory } from './pwa-be-user-directory.js';

/** The upstream. Whoever composes the application provides PWA_BE_ENDPOINT globally. */
@Module({ providers: [PwaBeClient, PwaBeUserDirectory], exports: [PwaBeClient, PwaBeUserDirectory] })
export class PwaBeModule {}
