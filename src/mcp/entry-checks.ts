import type { FastifyRequest } from 'fastify';
import { AppError } from '../errors/app-error.js';

/** A check of the HTTP envelope, before the body is looked at. @throws AppError */
type EntryCheck = (request: FastifyRequest) => void;

/** MCP messages are JSON; a form post is a browser's, and needs no preflight. */
const contentTypeIsJson: EntryCheck = (request) => {
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json') throw new AppError('unsupported_media_type');
};

/** The answer may be either form, so the client must take both (MCP 2026-07-28, Streamable HTTP). Wildcards count. */
const acceptsBothForms: EntryCheck = (request) => {
  const accept = request.headers.accept;
  if (accept === undefined) return;
  const types = new Set(accept.split(',').map((part) => part.split(';', 1)[0]!.trim().toLowerCase()));
  const takes = (type: string): boolean => types.has(type) || types.has(`${type.split('/')[0]}/*`) || types.has('*/*');
  if (!takes('application/json') || !takes('text/event-stream')) throw new AppError('not_acceptable');
};

/** Neither revision that we serve has batches. */
const isNoBatch: EntryCheck = (request) => {
  if (Array.isArray(request.body)) {
    throw new AppError('invalid_request', {
      detail: 'JSON-RPC batches are not supported: send one message a request.',
    });
  }
};

/** The order is the policy: media types first, then the shape of the body. */
const ENTRY_CHECKS: readonly EntryCheck[] = [contentTypeIsJson, acceptsBothForms, isNoBatch];

/** Runs all entry checks. @throws AppError of the first that fails */
export function checkEntry(request: FastifyRequest): void {
  for (const check of ENTRY_CHECKS) check(request);
}
