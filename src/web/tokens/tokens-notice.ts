import type { TokenView } from './token-view.js';

/** What the page of the tokens says above everything else. */
export interface TokensNotice {
  readonly kind: 'done' | 'warning' | 'error';
  readonly title: string;
  readonly text?: string;
  readonly link?: { readonly href: string; readonly label: string } | undefined;
}

/** Claims nothing about who filled it in: whoever writes a link can. */
export const DRAFT_NOTICE: TokensNotice = {
  kind: 'warning',
  title: 'Nothing was created yet.',
  text: 'The form is filled in from the address of this page: as you left it before you signed in, or as somebody else wrote it who gave you a link. Look every field over before you send it.',
  link: { href: '/settings/tokens#new', label: 'Start with an empty form' },
};

export const ERRORS_NOTICE: TokensNotice = {
  kind: 'error',
  title: 'The token was not created: please look at the marked fields.',
};

/** @param id of the token that is said to have been revoked; believed only when that is true */
export function revokedNotice(tokens: readonly TokenView[], id: string | undefined): TokensNotice | undefined {
  const gone = tokens.find((token) => token.id === id && token.revokedAt !== null);
  return gone && { kind: 'done', title: `“${gone.name}” is revoked.`, text: 'It opens nothing any more.' };
}
