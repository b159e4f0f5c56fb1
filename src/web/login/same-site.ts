import type { FastifyRequest } from 'fastify';
import { AppError } from '../../errors/app-error.js';

/**
 * Refuses forms that another site made the browser send where there is no session yet to bind a token to: signing a
 * person in as somebody else (login CSRF), or out. A caller that sends neither header is no browser.
 * @throws AppError csrf_failed
 */
export function refuseOtherSites({ headers }: Pick<FastifyRequest, 'headers'>, publicUrl: string): void {
  const site = headers['sec-fetch-site'];
  const foreignSite = site !== undefined && site !== 'same-origin' && site !== 'none';
  // `null` is an origin like any other that is not ours.
  const foreignOrigin = headers.origin !== undefined && headers.origin !== new URL(publicUrl).origin;
  if (foreignSite || foreignOrigin)
    throw new AppError('csrf_failed', { detail: 'The form was sent from another site.' });
}
