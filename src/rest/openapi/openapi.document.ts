import { readFileSync } from 'node:fs';
import { Inject, Injectable } from '@nestjs/common';
import { DiscoveryService, Reflector } from '@nestjs/core';
import { SCOPES } from '../../auth/scopes.js';
import { CONFIG, type Config } from '../../config/config.js';
import { ERROR_TABLE } from '../../errors/error-table.js';
import type { ApiReference } from '../../http/api-reference.js';
import type { JsonSchema } from '../../http/route-description.js';
import { operationObject } from './operation-object.js';
import { listRoutes } from './route-list.js';

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** RFC 9457, with what every problem of ours has besides. */
const PROBLEM = {
  type: 'object',
  required: ['type', 'title', 'status', 'code', 'next', 'request_id'],
  properties: {
    type: { const: 'about:blank' },
    title: { type: 'string', description: 'The same sentence for every problem of this code.' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'About this very case.' },
    code: { $ref: '#/components/schemas/ErrorCode' },
    next: { type: 'string', description: 'What to do about it.' },
    request_id: { type: 'string', description: 'Also in X-Request-Id; name it when you report the problem.' },
  },
};

/** The OpenAPI 3.1 document, put together from the routes' own declarations the first time it is asked for. */
@Injectable()
export class OpenApiDocument implements ApiReference {
  private made: JsonSchema | undefined;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly reflector: Reflector,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  document(): JsonSchema {
    this.made ??= this.make();
    return this.made;
  }

  private make(): JsonSchema {
    const paths: Record<string, Record<string, JsonSchema>> = {};
    for (const route of listRoutes(this.discovery, this.reflector)) {
      (paths[route.path] ??= {})[route.method] = operationObject(route);
    }
    return {
      openapi: '3.1.1',
      info: {
        title: 'TradeCafe',
        version,
        description:
          'Your TradeCafe account for your own programs. Errors are problem details (RFC 9457). Bodies are JSON; another ' +
          'content type is a 415, and an argument that is not listed a 400; a read takes no body, and looks at none. A browser ' +
          '(`Accept: text/html`) is shown its problem as a page. A method that a path does not list is a 405 ' +
          'whose `Allow` names those it has.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: this.config.apiPublicUrl }],
      paths,
      components: {
        securitySchemes: this.securitySchemes(),
        schemas: {
          Problem: PROBLEM,
          ErrorCode: { type: 'string', enum: Object.keys(ERROR_TABLE) },
        },
      },
    };
  }

  private securitySchemes(): JsonSchema {
    const { publicUrl, session } = this.config;
    const flow = {
      authorizationUrl: `${publicUrl}/oauth/authorize`,
      tokenUrl: `${publicUrl}/oauth/token`,
      refreshUrl: `${publicUrl}/oauth/token`,
      scopes: SCOPES,
    };
    return {
      token: { type: 'http', scheme: 'bearer', description: 'A personal access token, tc_pat_…' },
      oauth: { type: 'oauth2', flows: { authorizationCode: flow } },
      session: {
        type: 'apiKey',
        in: 'cookie',
        name: session.cookie,
        description: 'The session of the TradeCafe site.',
      },
    };
  }
}
