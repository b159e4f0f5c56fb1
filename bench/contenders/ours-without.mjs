// The product with parts of its policy taken out, to see what they cost. Only here: the product has no switch for it.
//   WITHOUT=audit   nothing is recorded
//   WITHOUT=policy  no credential is asked for, nobody is limited, nothing is recorded
import { Test } from '@nestjs/testing';
import { AppModule } from '../../dist/app.module.js';
import { AuditService } from '../../dist/audit/audit.service.js';
import { BearerGuard } from '../../dist/auth/bearer/bearer.guard.js';
import { rememberPrincipal } from '../../dist/auth/request-identity.js';
import { ALL_SCOPES } from '../../dist/auth/scopes.js';
import { loadConfig } from '../../dist/config/load-config.js';
import { createAdapter } from '../../dist/http/fastify.js';
import { createLogger } from '../../dist/logging/logger.js';
import { NestLogger } from '../../dist/logging/nest-logger.js';
import { CallLimiter } from '../../dist/tools/call-limiter.js';

const NO_AUDIT = { record() {}, drain: async () => undefined };
const NO_LIMIT = { take: async () => undefined };

const config = await loadConfig(process.env);
const logger = createLogger(config);
const module = Test.createTestingModule({ imports: [AppModule.with(config, logger)] })
  .setLogger(new NestLogger(logger))
  .overrideProvider(AuditService)
  .useValue(NO_AUDIT);
if (process.env.WITHOUT === 'policy') {
  module.overrideProvider(BearerGuard).useValue({ pass: everybody() }).overrideProvider(CallLimiter).useValue(NO_LIMIT);
}
const app = (await module.compile()).createNestApplication(createAdapter(config, logger));
await app.listen(config.port, config.host);
process.once('SIGTERM', () => void app.close().then(() => process.exit(0)));

/** Lets everybody in as the user whose number the connection says, so that as many reads go upstream as with tokens. */
function everybody() {
  const principals = new Map(
    JSON.parse(process.env.USERS).map((userId) => [
      userId,
      {
        userId,
        credentialId: `bench-${userId}`,
        kind: 'pat',
        credentialName: 'bench',
        scopes: new Set(ALL_SCOPES),
        maxTradeUsdt: null,
        writePolicy: 'token_only',
      },
    ]),
  );
  return async (context) => {
    const request = context.switchToHttp().getRequest();
    rememberPrincipal(request, principals.get(request.headers['x-bench-user']));
    return true;
  };
}
