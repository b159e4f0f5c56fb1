import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { ErrorRenderers } from '../http/error-renderers.js';
import { ToolsModule } from '../tools/tools.module.js';
import { AuditModule } from '../audit/audit.module.js';
import { DatabaseModule } from '../database/database.module.js';
import { ActivityController } from './activity/activity.controller.js';
import { WriteStories } from './activity/write-stories.js';
import { AppsController } from './apps/apps.controller.js';
import { AssetsController } from './assets/assets.controller.js';
import { DocsController } from './docs/docs.controller.js';
import { LoginController } from './login/login.controller.js';
import { LogoutController } from './login/logout.controller.js';
import { ConsentController } from './oauth/consent.controller.js';
import { ConsentPages } from './oauth/consent-pages.js';
import { DeviceController } from './oauth/device.controller.js';
import { OauthPages } from './oauth/oauth-pages.js';
import { PageErrors } from './page/page-errors.js';
import { PageRenderer } from './page/page-renderer.js';
import { FreezeController } from './settings/freeze.controller.js';
import { PersonName } from './settings/person-name.js';
import { SettingsPages } from './settings/settings-pages.js';
import { RevocationPages } from './tokens/revocation-pages.js';
import { RotationPages } from './tokens/rotation-pages.js';
import { SecretPages } from './tokens/secret-pages.js';
import { TokenPages } from './tokens/token-pages.js';
import { TokensController } from './tokens/tokens.controller.js';

/** Where browsers go: the parts of the address space whose errors are pages. */
const PAGE_PREFIXES = [
  '/',
  '/assets',
  '/docs',
  '/login',
  '/logout',
  '/oauth/authorize',
  '/oauth/device',
  '/oauth/interaction',
  '/settings',
];

/** The pages. Expects CONFIG and HttpModule from the composition root. */
@Module({
  imports: [AuditModule, AuthModule, DatabaseModule, ToolsModule],
  controllers: [
    ActivityController,
    AppsController,
    AssetsController,
    ConsentController,
    DeviceController,
    DocsController,
    FreezeController,
    LoginController,
    LogoutController,
    TokensController,
  ],
  providers: [
    ConsentPages,
    OauthPages,
    PageErrors,
    PageRenderer,
    PersonName,
    RevocationPages,
    RotationPages,
    SecretPages,
    SettingsPages,
    TokenPages,
    WriteStories,
  ],
})
export class WebModule {
  constructor(renderers: ErrorRenderers, errors: PageErrors) {
    for (const prefix of PAGE_PREFIXES) renderers.register(prefix, errors.render);
    renderers.registerForBrowsers(errors.render);
  }
}
