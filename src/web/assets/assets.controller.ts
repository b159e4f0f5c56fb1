import { Controller, Get, Headers, Param, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Access } from '../../auth/access.decorator.js';
import { AppError } from '../../errors/app-error.js';
import { findAsset } from './assets.js';

const YEAR_S = 31_536_000;

/** Stylesheet, script and icon of the pages. */
@Controller('assets')
@Access('public')
export class AssetsController {
  @Get(':name')
  send(
    @Param('name') name: string,
    @Query('v') version: string | undefined,
    @Headers('if-none-match') known: string | undefined,
    @Res() reply: FastifyReply,
  ): void {
    const asset = findAsset(name);
    if (asset === undefined) throw new AppError('not_found');
    const etag = `"${asset.version}"`;
    // While instances of two versions run, one may be asked for the other's file: it answers, but nobody keeps it.
    const fresh = version === asset.version ? `public, max-age=${YEAR_S}, immutable` : 'no-cache';
    void reply.header('cache-control', fresh).header('etag', etag).type(asset.type);
    void (known === etag ? reply.code(304).send() : reply.send(asset.content));
  }
}
