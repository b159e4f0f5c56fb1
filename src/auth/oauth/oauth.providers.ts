import type { Provider } from '@nestjs/common';
import { AccessTokenKind } from './access-token.kind.js';
import { OauthCleanup } from './cleanup.js';
import { ClientMetadataFetch } from './clients/client-metadata.fetch.js';
import { ConsentService } from './consent/consent.service.js';
import { DeviceService } from './consent/device.service.js';
import { GrantsFromConsent } from './consent/grants-from-consent.js';
import { OauthEndpoints } from './entry/oauth-endpoints.js';
import { OauthLimits } from './entry/oauth-limits.js';
import { OauthRoutes } from './entry/oauth-routes.js';
import { GrantService } from './grants/grant.service.js';
import { GrantStore } from './grants/grant.store.js';
import { AuthorizationServer } from './provider/authorization-server.js';
import { ArtifactStore } from './storage/artifact.store.js';
import { OauthCalls } from './storage/oauth-call.js';

/** The authorization server's parts, for the module of the room. */
export const OAUTH_PROVIDERS: Provider[] = [
  AccessTokenKind,
  ArtifactStore,
  AuthorizationServer,
  ClientMetadataFetch,
  ConsentService,
  DeviceService,
  GrantService,
  GrantStore,
  GrantsFromConsent,
  OauthCalls,
  OauthCleanup,
  OauthEndpoints,
  OauthLimits,
  OauthRoutes,
];
