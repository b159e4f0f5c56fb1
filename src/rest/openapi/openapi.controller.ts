import { Controller, Get, Header } from '@nestjs/common';
import { Access } from '../../auth/access.decorator.js';
import type { JsonSchema } from '../../http/route-description.js';
import { OpenApiDocument } from './openapi.document.js';

/** The description of /v1 for machines; for people it is at /docs. */
@Controller('openapi.json')
export class OpenApiController {
  constructor(private readonly openApi: OpenApiDocument) {}

  @Get()
  @Access('public')
  @Header('cache-control', 'public, max-age=300')
  show(): JsonSchema {
    return this.openApi.document();
  }
}
