import { computeScopeUnion, OAuthError, type OAuthTokens } from '@modelcontextprotocol/client';
import { AppError } from '../../../errors/app-error.js';
import type { Authorization } from './authorization.js';
import { type Consent, CONSENT_WITHIN_MS } from './consent.js';
import type { StoredTokens, TokenFile } from './token-file.js';

/** A token that ends within this is refreshed before it is used. */
const LEEWAY_MS = 60_000;

/** Why the backend wants the person asked. */
export interface Challenge {
  /** What it said is needed, space-separated. */
  readonly scope: string | undefined;
  /** RFC 6750 §3.1 insufficient_scope: the token is good, and does not reach. */
  readonly isStepUp: boolean;
}

/** The access token of a person's consent: kept in a file, refreshed as it ends, asked for when there is none. */
export class Credential {
  private asking: Promise<void> | undefined;

  /** @param configuredScopes asked for at first, space-separated; undefined: what the backend's challenge says */
  constructor(
    private readonly file: TokenFile,
    private readonly authorization: Authorization,
    private readonly consent: Consent,
    private readonly configuredScopes: string | undefined,
  ) {}

  /** Also false where the file cannot be read: the call that needs it says why. */
  isStored(): boolean {
    try {
      return this.file.read() !== undefined;
    } catch (error) {
      if (error instanceof AppError) return false;
      throw error;
    }
  }

  /**
   * A token to try.
   * @returns undefined when the person has to be asked
   * @throws AppError when it must be refreshed and the backend is away
   */
  async usable(): Promise<string | undefined> {
    const stored = this.file.read();
    if (stored === undefined || isFresh(stored)) return stored?.access_token;
    return this.renew(stored.access_token);
  }

  /**
   * A token in place of one that was refused or is about to end. Two processes may find that at the same moment: the
   * second one takes what the first one got.
   * @returns undefined when the person has to be asked
   */
  renew(refused: string | undefined): Promise<string | undefined> {
    return this.file.locked(async () => {
      const stored = this.file.read();
      if (stored === undefined || stored.access_token !== refused) return stored?.access_token;
      const tokens = await this.refresh(stored);
      this.file.write(tokens);
      return tokens?.access_token;
    });
  }

  /**
   * Asks the person, once at a time in all processes of this user.
   * @param refused the token that did not do; another one in the file by then is what another process got
   */
  ask(challenge: Challenge, refused: string | undefined): Promise<void> {
    this.asking ??= this.askOnce(challenge, refused).finally(() => (this.asking = undefined));
    return this.asking;
  }

  /** Where the person is being asked; undefined while another process does, or nobody. */
  get consentUrl(): string | undefined {
    return this.consent.url?.href;
  }

  private askOnce(challenge: Challenge, refused: string | undefined): Promise<void> {
    return this.file.asking(CONSENT_WITHIN_MS, async () => {
      const stored = this.file.read();
      if (stored !== undefined && stored.access_token !== refused) return;
      const scope = challenge.isStepUp
        ? computeScopeUnion(this.configuredScopes, stored?.scope, challenge.scope)
        : (this.configuredScopes ?? challenge.scope);
      const tokens = await this.consent.ask(scope).catch((error: unknown) => {
        if (error instanceof AppError) throw error;
        // Nobody said no.
        if (error instanceof OAuthError && PASSING.has(error.code))
          throw new AppError('backend_unreachable', { detail: 'It did not finish the sign-in.', cause: error });
        throw new AppError('consent_refused', { detail: 'The answer of the browser could not be used.', cause: error });
      });
      await this.file.locked(() => this.file.write(storable(tokens, undefined)));
    });
  }

  private async refresh(stored: StoredTokens): Promise<StoredTokens | undefined> {
    if (stored.refresh_token === undefined) return undefined;
    try {
      return storable(await this.authorization.refresh(stored.refresh_token), stored);
    } catch (error) {
      // The authorization server's no: the consent has ended. Anything else passes, and must not cost the tokens.
      if (error instanceof OAuthError && ['invalid_grant', 'invalid_client'].includes(error.code)) return undefined;
      if (error instanceof AppError) throw error;
      throw new AppError('backend_unreachable', { detail: 'It did not renew the sign-in.', cause: error });
    }
  }
}

/** What a token endpoint says of itself, not of the consent. */
const PASSING: ReadonlySet<string> = new Set(['server_error', 'temporarily_unavailable']);

function isFresh({ expires_at: expiresAt }: StoredTokens): boolean {
  return Date.parse(expiresAt) - Date.now() > LEEWAY_MS;
}

/** RFC 6749 §5.1 and §6: what an answer leaves out is as it was. */
function storable(tokens: OAuthTokens, before: StoredTokens | undefined): StoredTokens {
  const { access_token, refresh_token = before?.refresh_token, scope = before?.scope, expires_in = 3600 } = tokens;
  return { access_token, refresh_token, scope, expires_at: new Date(Date.now() + expires_in * 1000).toISOString() };
}
