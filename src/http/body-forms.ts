import { isUtf8 } from 'node:buffer';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { AppError } from '../errors/app-error.js';
import { routeOf } from './route-of.js';

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

interface BodyForm {
  readonly under: RegExp;
  readonly type: string;
}

/**
 * Which bodies which part of the address space takes: JSON where programs write, forms where people do. A form is what any
 * page can make a browser send, and JSON is what no form can. /mcp and /oauth look at theirs themselves.
 */
const BODY_FORMS: readonly BodyForm[] = [
  { under: /^\/(?:v1|api)(?:\/|$)/, type: JSON_TYPE },
  { under: /^\/(?:settings|login|logout)(?:\/|$)/, type: FORM_TYPE },
];

/**
 * What comes with a read is looked at by nobody (RFC 9110 §9.3.1), whatever it is.
 * @returns unsupported_media_type when there is a body in another form than its address takes
 */
export function wrongBodyForm(request: FastifyRequest): AppError | undefined {
  const form = formOf(request);
  if (form === undefined || READS.has(request.method) || !hasBody(request)) return undefined;
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type === form.type) return undefined;
  return new AppError('unsupported_media_type', { detail: `This address takes ${form.type}.` });
}

/** Replaces Nest's JSON parser, and takes away the one that would pass any text on as a body. */
export function registerBodyParsers(adapter: FastifyAdapter, bodyLimit: number): void {
  const fastify = adapter.getInstance();
  fastify.removeContentTypeParser('text/plain');
  const parse = fastify.getDefaultJsonParser('error', 'error');
  adapter.useBodyParser(JSON_TYPE, false, { bodyLimit }, (request: FastifyRequest, body: Buffer, done) => {
    // Many clients name the type of the body that they do not send.
    if (body.length === 0 && formOf(request)?.type === JSON_TYPE) done(null, undefined);
    // RFC 8259 §8.1. Decoding would put U+FFFD for each wrong octet, and two different ids or names could become one.
    else if (!isUtf8(body)) done(new AppError('invalid_json', { detail: 'It is not UTF-8.' }), undefined);
    else void parse(request, body.toString('utf8'), done);
  });
}

function formOf(request: FastifyRequest): BodyForm | undefined {
  const path = routeOf(request);
  return BODY_FORMS.find(({ under }) => under.test(path));
}

/** RFC 9112 §6: a request has content when one of these two headers says so. */
function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
