import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { PassportModule } from '@nestjs/passport';
import { AuditModule } from '../audit/audit.module.js';
import { CONFIG, type Config } from '../config/config.js';
import { AccessGuard } from './access.guard.js';
import { BearerGuard } from './bearer/bearer.guard.js';
import { BearerStrategy } from './bearer/bearer.strategy.js';
import { CredentialWatch } from './bearer/credential-watch.js';
import { FailureLimit } from './bearer/failure-limit.js';
import { LastUsed } from './bearer/last-used.js';
import { RefusalLog } from './bearer/refusal-log.js';
import { TokenCache } from './bearer/token-cache.js';
import { TOKEN_KINDS, type TokenKind } from './bearer/token-kind.js';
import { TokenVerifier } from './bearer/token-verifier.js';
import { AccessTokenKind } from './oauth/access-token.kind.js';
import { ConsentService } from './oauth/consent/consent.service.js';
import { DeviceService } from './oauth/consent/device.service.js';
import { DiscoveryController } from './oauth/discovery.controller.js';
import { GrantsFromConsent } from './oauth/consent/grants-from-consent.js';
import { GrantService } from './oauth/grants/grant.service.js';
import { OAUTH_PROVIDERS } from './oauth/oauth.providers.js';
import { PatHash } from './pat/pat-hash.js';
import { PatKind } from './pat/pat.kind.js';
import { PatService } from './pat/pat.service.js';
import { UserStanding } from './pat/user-standing.js';
import { SessionBearer } from './session/session-bearer.js';
import { SessionService } from './session/session.service.js';

/** Who is calling. Expects CONFIG, LOGGER, USER_DIRECTORY and the database's services from the composition root. */
@Module({
  imports: [AuditModule, PassportModule],
  controllers: [DiscoveryController],
  providers: [
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: PatHash, inject: [CONFIG], useFactory: ({ secrets }: Config) => new PatHash(secrets.tokenPepper) },
    // THE list of bearer tokens this service accepts, told apart by their prefix.
    { provide: TOKEN_KINDS, inject: [PatKind, AccessTokenKind], useFactory: (...kinds: TokenKind[]) => kinds },
    BearerGuard,
    BearerStrategy,
    CredentialWatch,
    FailureLimit,
    LastUsed,
    RefusalLog,
    PatKind,
    PatService,
    SessionBearer,
    SessionService,
    TokenCache,
    TokenVerifier,
    UserStanding,
    ...OAUTH_PROVIDERS,
  ],
  exports: [
    ConsentService,
    CredentialWatch,
    DeviceService,
    GrantService,
    GrantsFromConsent,
    PatService,
    SessionService,
    TokenVerifier,
    TokenCache,
  ],
})
export class AuthModule {}
