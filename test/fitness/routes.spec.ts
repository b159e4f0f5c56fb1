import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, MetadataScanner, NestFactory, Reflector } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, RouteOptions } from 'fastify';
import { AppModule } from '../../src/app.module.js';
import { Access } from '../../src/auth/access.decorator.js';
import type { Config } from '../../src/config/config.js';
import { loadConfig } from '../../src/config/load-config.js';
import { createAdapter } from '../../src/http/fastify.js';
import { createEnvironment, type Environment } from '../support/app.js';
import { testLogger } from '../support/run-logs/run-logs.js';

/** A controller as somebody could write it who forgot to declare who may call it. */
@Controller('forgotten')
class ForgottenController {
  @Get()
  get(): string {
    return 'should never be seen';
  }
}

/** A route that appears here without a reason is a hole. */
const PUBLIC_ROUTES = [
  'GET /',
  'GET /.well-known/oauth-authorization-server',
  'GET /.well-known/oauth-protected-resource',
  'GET /.well-known/oauth-protected-resource/:resource',
  'GET /assets/:name',
  'GET /docs',
  'GET /health/live',
  'GET /health/ready',
  'GET /login',
  // OAuth: codes, tokens and the consent of who is signed in decide, not who calls.
  'GET /oauth/authorize',
  'GET /oauth/authorize/:uid',
  'GET /openapi.json',
  // Mock mode only, and guarded against other sites by themselves.
  'POST /login',
  'POST /logout',
  'POST /oauth/device_authorization',
  'POST /oauth/register',
  'POST /oauth/revoke',
  'POST /oauth/token',
];

describe('routes', () => {
  let environment: Environment;
  let config: Config;
  let app: NestFastifyApplication;
  const registered: RouteOptions[] = [];

  beforeAll(async () => {
    environment = await createEnvironment();
    config = await loadConfig({ ...environment.variables });
    const logger = testLogger();
    @Module({ imports: [AppModule.with(config, logger), DiscoveryModule], controllers: [ForgottenController] })
    class WithForgotten {}
    const adapter = createAdapter(config, logger);
    adapter.getInstance<FastifyInstance>().addHook('onRoute', (route) => void registered.push(route));
    app = await NestFactory.create<NestFastifyApplication>(WithForgotten, adapter, { logger: false });
    await app.init();
    await adapter.getInstance<FastifyInstance>().ready();
  });
  afterAll(async () => {
    await app?.close();
    await environment?.drop();
  });

  it('every controller method declares its access', () => {
    const scanner = new MetadataScanner();
    const reflector = app.get(Reflector);
    const undeclared = app
      .get(DiscoveryService)
      .getControllers()
      .flatMap(({ metatype, instance }) => {
        const prototype = Object.getPrototypeOf(instance) as Record<string, () => unknown>;
        return scanner
          .getAllMethodNames(prototype)
          .filter((name) => Reflect.hasMetadata('path', prototype[name]!))
          .filter(
            (name) => reflector.getAllAndOverride(Access, [prototype[name]!, metatype as () => unknown]) === undefined,
          )
          .map((name) => `${metatype?.name}.${name}`);
      });
    expect(undeclared).toEqual(['ForgottenController.get']);
  });

  it('every route that is mounted outside the controllers declares its access', () => {
    const outside = registered.filter(({ url }) => /^\/oauth\/(?!interaction|device(?:\/|$))/.test(url));
    expect(outside.length).toBeGreaterThan(0);
    expect(outside.filter(({ config: { access } = {} }) => access === undefined)).toEqual([]);
  });

  it('the guard refuses a route that declares nothing', async () => {
    const response = await app.inject({ method: 'GET', url: '/forgotten' });
    expect(response.statusCode).toBe(403);
    expect(response.json()).toMatchObject({ code: 'access_undeclared' });
  });

  it('answers nobody without a credential, but for the public routes named here', async () => {
    const open: string[] = [];
    for (const { method, url } of registered) {
      for (const verb of [method].flat()) {
        if (verb === 'HEAD' || verb === 'OPTIONS') continue;
        const path = url.replaceAll(/:\w+/g, '00000000-0000-4000-8000-000000000000');
        const response = await app.inject({
          method: verb as 'GET',
          url: path,
          headers: { host: new URL(config.publicUrl).host },
        });
        // 303 to the login page is a page's way of refusing.
        const refused =
          [401, 403].includes(response.statusCode) || /\/login\?next=/.test(String(response.headers.location));
        if (!refused) open.push(`${verb} ${url}`);
      }
    }
    expect([...new Set(open)].sort()).toEqual(PUBLIC_ROUTES);
  });
});
