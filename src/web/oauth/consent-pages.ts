import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { h } from 'preact';
import type { ConsentRequest } from '../../auth/oauth/consent/consent-request.js';
import { GrantsFromConsent } from '../../auth/oauth/consent/grants-from-consent.js';
import { mayGrantWrites } from '../../auth/session/session-age.js';
import type { CurrentSession } from '../../auth/session/session.js';
import { CONFIG, type Config } from '../../config/config.js';
import { AppError } from '../../errors/app-error.js';
import { errorHeaders } from '../../http/problem.js';
import { loginAddress } from '../login/login-address.js';
import { PageRenderer } from '../page/page-renderer.js';
import { PersonName } from '../settings/person-name.js';
import { blankConsent, consentErrors, type ConsentErrors, type ConsentValues } from './consent-form.js';
import { ConsentPage, type ConsentPageProps } from './consent.page.js';

/** What a person is asked, and where their answer goes. */
export interface AskedForm {
  readonly request: ConsentRequest;
  readonly form: ConsentPageProps['form'];
  /** Device flow. */
  readonly userCode?: string;
  /** Path that leads back to this question, after signing in. */
  readonly again: string;
}

/** What is wrong with the form that was sent. */
interface Refusal {
  readonly status: number;
  readonly errors: ConsentErrors;
  readonly problem: NonNullable<ConsentPageProps['problem']>;
}

const FIELDS_WRONG = 'Nothing was allowed yet: please look at the marked field.';

/** The consent page, of an authorization or of a device: as it was asked, or as it was filled in. */
@Injectable()
export class ConsentPages {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly names: PersonName,
    private readonly grants: GrantsFromConsent,
    private readonly pages: PageRenderer,
  ) {}

  /** @param filledIn as it was before the person had to sign in */
  async show(
    session: CurrentSession,
    asked: AskedForm,
    reply: FastifyReply,
    filledIn?: ConsentValues,
    refusal?: Refusal,
  ): Promise<void> {
    const { request, form, userCode, again } = asked;
    const earlier = await this.grants.earlier(session.userId, request);
    const mayWrite = mayGrantWrites(session, this.config);
    const body = h(ConsentPage, {
      request,
      form,
      userCode,
      userName: await this.names.of(session.userId),
      csrfToken: session.csrfToken,
      mayWrite,
      signInAgain: loginAddress(this.config, again),
      earlier,
      now: new Date(),
      values: filledIn ?? blankConsent(request, earlier, mayWrite),
      errors: refusal?.errors ?? {},
      problem: refusal?.problem,
    });
    const title = refusal === undefined ? 'Allow access' : 'Error: Allow access';
    const formTarget = request.destination?.formAction;
    this.pages.send(reply, { title, session, formTarget, body }, refusal?.status);
  }

  /**
   * The form as it was filled in, with what is wrong with it.
   * @param failure why it was not taken
   * @throws failure when the form cannot be mended
   */
  async showAgain(
    session: CurrentSession,
    asked: () => Promise<AskedForm>,
    reply: FastifyReply,
    filledIn: ConsentValues,
    failure: unknown,
  ): Promise<void> {
    const refusal = refusalOf(failure);
    if (refusal === undefined) throw failure;
    if (failure instanceof AppError) void reply.headers(errorHeaders(failure));
    await this.show(session, await asked(), reply, filledIn, refusal);
  }
}

function refusalOf(failure: unknown): Refusal | undefined {
  const errors = consentErrors(failure);
  if (errors !== undefined) return { status: 422, errors, problem: { title: FIELDS_WRONG } };
  // TradeCafe is away: another try of the same form may succeed. All others have pages of their own.
  if (!(failure instanceof AppError) || !failure.code.startsWith('upstream_')) return undefined;
  const { status, title, next } = failure.entry;
  return { status, errors: {}, problem: { title, text: next } };
}
