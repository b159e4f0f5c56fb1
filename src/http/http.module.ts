import { Global, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { ErrorFilter } from './error.filter.js';
import { ErrorRenderers } from './error-renderers.js';

@Global()
@Module({
  providers: [ErrorRenderers, { provide: APP_FILTER, useClass: ErrorFilter }],
  exports: [ErrorRenderers],
})
export class HttpModule {}
