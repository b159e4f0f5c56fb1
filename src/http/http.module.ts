import { Global, Module } from '@nestjs/common';
import { APP_FILTER, HttpAdapterHost } from '@nestjs/core';
import { ErrorFilter } from './error.filter.js';
import { ErrorRenderers } from './error-renderers.js';
import { ServiceAdapter } from './fastify.js';

@Global()
@Module({
  providers: [ErrorRenderers, { provide: APP_FILTER, useClass: ErrorFilter }],
  exports: [ErrorRenderers],
})
export class HttpModule {
  constructor({ httpAdapter }: HttpAdapterHost, renderers: ErrorRenderers) {
    if (httpAdapter instanceof ServiceAdapter) httpAdapter.renderers = renderers;
  }
}
