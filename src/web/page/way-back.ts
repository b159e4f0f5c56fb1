import type { FastifyRequest } from 'fastify';
import type { Config } from '../../config/config.js';
import type { AppError } from '../../errors/app-error.js';
import { loginAddress } from '../login/login-address.js';
import { consentAddress } from '../oauth/consent-draft.js';
import { draftAddress } from '../tokens/draft.js';
import { formFields } from './form-field.js';
import { isSection, type Section, SECTIONS } from './sections.js';

/** Where an error page leads. */
export interface WayBack {
  readonly href: string;
  readonly label: string;
}

type Surroundings = Pick<Config, 'publicUrl' | 'mode' | 'session'>;

const LABELS: Readonly<Record<Section, string>> = {
  tokens: 'To your tokens',
  apps: 'To your apps',
  activity: 'To your activity',
  docs: 'To the documentation',
};

/**
 * Back to what the person was doing. Absolute addresses: who came by another name of this machine (localhost) gets to
 * the one that works.
 */
export function wayBack(error: AppError, request: FastifyRequest, config: Surroundings): WayBack {
  const form = formAddress(request, config);
  const section = sectionOf(request);
  const { publicUrl } = config;
  if (error.code === 'session_required' || error.code === 'session_too_old')
    return { href: loginAddress(config, form ?? SECTIONS[section].href), label: 'Sign in' };
  // The question of an app stays open, whatever became of one answer to it.
  const open = request.url.startsWith('/oauth/') && error.code !== 'authorization_expired';
  if (form !== undefined && (open || error.code === 'csrf_failed'))
    return { href: `${publicUrl}${form}`, label: 'Open the form again' };
  if (request.url.startsWith('/login') && config.mode === 'mock')
    return { href: `${publicUrl}/login`, label: 'To the sign-in page' };
  return { href: `${publicUrl}${SECTIONS[section].href}`, label: LABELS[section] };
}

function sectionOf({ url, body }: Pick<FastifyRequest, 'url' | 'body'>): Section {
  const path = url.split('?', 1)[0]!;
  // The switch stands on every page; its form says on which.
  const pressedOn = formFields(body, 'back')[0];
  if (/^\/settings\/(?:freeze|resume)$/.test(path)) return isSection(pressedOn) ? pressedOn : 'tokens';
  const named = /^\/settings(?:\/(\w+))?/.exec(path);
  if (/^\/oauth\/(?:device|interaction)/.test(path)) return 'apps';
  if (named === null) return 'docs';
  return isSection(named[1]) ? named[1] : 'tokens';
}

/**
 * The page of a posted form, with what was filled in where that is more than a button. Only for what our own page sent:
 * another site's words are dropped, and its person is led to no form.
 */
function formAddress({ method, url, headers, body }: FastifyRequest, { publicUrl }: Surroundings): string | undefined {
  if (method !== 'POST' || headers.origin !== new URL(publicUrl).origin) return undefined;
  const path = url.split('?', 1)[0]!;
  if (path === '/settings/tokens') return draftAddress(body);
  const grace = formFields(body, 'grace_minutes')[0];
  if (/^\/settings\/tokens\/[\w-]+\/rotate$/.test(path))
    return grace === undefined ? path : `${path}?${new URLSearchParams({ grace_minutes: grace.slice(0, 4) })}`;
  if (/^\/settings\/(?:tokens|apps)\/[\w-]+\/revoke$/.test(path)) return path;
  return consentAddress(path, body);
}
