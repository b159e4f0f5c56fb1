import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { h } from 'preact';
import type { TokenRequest } from '../../auth/pat/new-token.js';
import { PatService } from '../../auth/pat/pat.service.js';
import { tokenIdOf } from '../../auth/pat/token-id.js';
import { nameKey } from '../../auth/pat/token-name.js';
import { mayGrantWrites } from '../../auth/session/session-age.js';
import type { CurrentSession } from '../../auth/session/session.js';
import { CONFIG, type Config } from '../../config/config.js';
import { AppError } from '../../errors/app-error.js';
import { loginAddress } from '../login/login-address.js';
import { browserWords } from '../page/browser-words.js';
import { formField } from '../page/form-field.js';
import { SettingsPages } from '../settings/settings-pages.js';
import { draftAddress, readDraft } from './draft.js';
import { SecretPages } from './secret-pages.js';
import { BLANK_TOKEN_FORM, readTokenForm, type TokenFormErrors, type TokenFormValues } from './token-form.js';
import { isLive, type TokenView, tokenViews } from './token-view.js';
import { DRAFT_NOTICE, ERRORS_NOTICE, revokedNotice, type TokensNotice } from './tokens-notice.js';
import { TokensPage, type TokensPageProps } from './tokens.page.js';
import { whatItOpens } from './what-it-opens.js';

/** The list of tokens, and the form for another one. */
@Injectable()
export class TokenPages {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly pats: PatService,
    private readonly secrets: SecretPages,
    private readonly pages: SettingsPages,
  ) {}

  /** @param query `revoked`: id of the token that was just revoked, believed only when that is true; or a draft */
  async list(session: CurrentSession, query: unknown, reply: FastifyReply): Promise<void> {
    const tokens = await this.tokens(session);
    const draft = readDraft(query);
    const notice = draft === undefined ? revokedNotice(tokens, formField(query, 'revoked')) : DRAFT_NOTICE;
    await this.send(reply, session, { tokens, values: draft ?? BLANK_TOKEN_FORM, errors: {}, notice });
  }

  /**
   * Answers with the token itself, or with the form as it was filled in and what is wrong with it. With `preview` nothing
   * is created: the answer says what would be.
   */
  async create(session: CurrentSession, form: unknown, requestId: string, reply: FastifyReply): Promise<void> {
    const tokens = await this.tokens(session);
    const nonce = formField(form, 'nonce');
    const made = tokens.find(({ id }) => nonce !== undefined && id === tokenIdOf(session.userId, nonce));
    if (made !== undefined) {
      await this.secrets.sentBefore(reply, session, { made: 'created', token: made });
      return;
    }
    const { values, request, errors: wrong } = readTokenForm(form);
    const errors = { ...wrong, ...sameName(values, tokens) };
    const page = { tokens, values, errors };
    if (formField(form, 'preview') !== undefined)
      await this.send(reply, session, { ...page, errors: {}, notice: whatItOpens(request) });
    else if (Object.keys(errors).length > 0) await this.send(reply, session, { ...page, notice: ERRORS_NOTICE }, 422);
    else await this.issue(session, form, request, { ...page, errors: {} }, requestId, reply);
  }

  private async issue(
    session: CurrentSession,
    form: unknown,
    request: TokenRequest,
    page: Pick<TokensPageProps, 'tokens' | 'values' | 'errors'>,
    requestId: string,
    reply: FastifyReply,
  ): Promise<void> {
    try {
      const options = { nonce: formField(form, 'nonce'), mayGrantWrites: mayGrantWrites(session, this.config) };
      await this.secrets.show(reply, session, await this.pats.create(session.origin, request, options));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.code === 'token_already_created') {
        const token = (await this.tokens(session)).find(({ id }) => id === error.data['id']);
        await this.secrets.sentBefore(reply, session, { made: 'created', token });
      } else {
        const notice = this.refusal(error, form, requestId);
        await this.send(reply, session, { ...page, notice }, error.entry.status);
      }
    }
  }

  private refusal(error: AppError, form: unknown, requestId: string): TokensNotice {
    const { title, next } = browserWords(error);
    const signIn = { href: loginAddress(this.config, draftAddress(form)), label: 'Sign in again' };
    return {
      kind: 'error',
      title,
      text: `${next} (${error.code}, request ${requestId})`,
      link: error.code === 'session_too_old' ? signIn : undefined,
    };
  }

  private async tokens({ userId }: CurrentSession): Promise<TokenView[]> {
    return tokenViews(await this.pats.list(userId));
  }

  private send(
    reply: FastifyReply,
    session: CurrentSession,
    props: Omit<TokensPageProps, 'now' | 'csrfToken' | 'nonce'>,
    status = 200,
  ): Promise<void> {
    const nonce = randomBytes(16).toString('base64url');
    const body = h(TokensPage, { ...props, nonce, now: new Date(), csrfToken: session.csrfToken });
    return this.pages.send(reply, session, { title: 'Access tokens', section: 'tokens', body }, status);
  }
}

/** Two live tokens of one name cannot be told apart when one must go: allowed, once the person has said so. */
function sameName({ name, confirmsName }: TokenFormValues, tokens: readonly TokenView[]): TokenFormErrors {
  const now = new Date();
  const twin = tokens.find((token) => isLive(token, now) && nameKey(token.name) === nameKey(name));
  return twin === undefined || confirmsName ? {} : { same_name: `${twin.hint} has that name already.` };
}
