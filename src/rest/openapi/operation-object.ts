import { ERROR_TABLE, type ErrorCode } from '../../errors/error-table.js';
import type { JsonSchema, RouteAnswer, RouteParameter } from '../../http/route-description.js';
import { accessWords } from './access-words.js';
import { groupBy } from './group-by.js';
import type { ListedRoute } from './route-list.js';

/** What any route of /v1 may answer with, whoever calls. */
const ALWAYS: readonly ErrorCode[] = ['internal_error', 'origin_not_allowed', 'shutting_down'];
/** What becomes of a body that cannot be read. */
const BODY: readonly ErrorCode[] = ['invalid_json', 'invalid_request', 'payload_too_large', 'unsupported_media_type'];
/** What becomes of an address whose escapes cannot be read, or whose id is too long to be one. */
const ADDRESS: readonly ErrorCode[] = ['invalid_request', 'not_found'];

/** What becomes of a browser without a session; a program is told by a 401. */
const SIGN_IN: RouteAnswer = { status: 303, description: 'A browser (`Accept: text/html`) is sent to sign in.' };

const ANSWER_HEADERS: Readonly<Record<string, string>> = {
  ETag: 'Tag of exactly this answer, for If-None-Match.',
  RateLimit: 'What is left to the credential: `"credential";r=<calls>;t=<seconds until the minute ends>`.',
  'RateLimit-Policy': 'The limit: `"credential";q=<calls>;w=<seconds>`.',
  'TradeCafe-Mode': 'live, or mock: the data is synthetic.',
  'Retry-After': 'Seconds until it is worth asking again.',
  'WWW-Authenticate': 'What the token lacks (RFC 6750 §3).',
};

/** An Operation Object (OpenAPI 3.1 §4.8.10). */
export function operationObject({ method, handler, path, access, description }: ListedRoute): JsonSchema {
  const { summary, scope, body, answers, errors = [], parameters = [] } = description;
  const words = accessWords(access, scope);
  const codes = new Set<ErrorCode>([...errors, ...words.errors, ...ALWAYS]);
  for (const code of method === 'get' ? [] : BODY) codes.add(code);
  for (const code of path.includes('{') ? ADDRESS : []) codes.add(code);
  const callHeaders = (answers[0]?.headers ?? []).filter((name) => name !== 'ETag');
  const allParameters = [...parameters, ...words.parameters];
  return {
    operationId: operationId(handler),
    summary,
    ...(description.description === undefined ? {} : { description: description.description }),
    security: words.security,
    ...(allParameters.length === 0 ? {} : { parameters: allParameters.map(parameterObject) }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: body.required, content: { 'application/json': { schema: body.schema } } } }),
    responses: Object.fromEntries([
      ...answers.map(answerObject),
      ...(access === 'session' ? [answerObject(SIGN_IN)] : []),
      ...problemObjects(codes, callHeaders),
    ]),
  };
}

/** `TokensController.create` is `tokens_create`; the tools' own names stay as they are. */
function operationId(handler: string): string {
  const [controller, name] = handler.split('.') as [string, string];
  return controller === 'ToolsController' ? name : `${controller.replace('Controller', '').toLowerCase()}_${name}`;
}

function parameterObject({ name, in: place, required, description, schema }: RouteParameter): JsonSchema {
  return {
    name,
    in: place,
    ...(required === true ? { required } : {}),
    ...(description === undefined ? {} : { description }),
    schema,
  };
}

function answerObject({ status, description, schema, files = [], headers = [] }: RouteAnswer): [string, JsonSchema] {
  const json = schema === undefined ? [] : [['application/json', { schema }]];
  const types = [...json, ...files.map((type) => [type, { schema: { type: 'string' } }])];
  const content = types.length === 0 ? {} : { content: Object.fromEntries(types) as JsonSchema };
  return [String(status), { description, headers: headersObject(headers), ...content }];
}

function headersObject(names: readonly string[]): JsonSchema {
  const headers = names.map((name) => [name, { description: ANSWER_HEADERS[name], schema: { type: 'string' } }]);
  return Object.fromEntries(headers) as JsonSchema;
}

/**
 * One answer for each status, naming the codes it may carry; the table knows which status each code has.
 * @param callHeaders of every answer to a call that got as far as being counted
 */
function problemObjects(codes: ReadonlySet<ErrorCode>, callHeaders: readonly string[]): [string, JsonSchema][] {
  const byStatus = groupBy([...codes].sort(), (code) => ERROR_TABLE[code].status);
  return [...byStatus]
    .sort(([a], [b]) => a - b)
    .map(([status, own]) => [
      String(status),
      problemObject(own, [...(status === 401 ? [] : callHeaders), ...problemHeaders(own)]),
    ]);
}

/** What may be asked again after a time that is named. */
const RETRIED: ReadonlySet<ErrorCode> = new Set([
  'commit_in_progress',
  'commit_limit_reached',
  'database_unavailable',
  'overloaded',
  'rate_limited',
]);

/** The headers that a problem of one of these codes may have. */
function problemHeaders(codes: readonly ErrorCode[]): string[] {
  const challenged = (code: ErrorCode): boolean => ERROR_TABLE[code].status === 401 && code !== 'session_required';
  return [
    ...(codes.some((code) => RETRIED.has(code)) ? ['Retry-After'] : []),
    ...(codes.some((code) => challenged(code) || code === 'insufficient_scope') ? ['WWW-Authenticate'] : []),
  ];
}

/** A browser that opens an address is shown its problem as a page. */
const PAGE = { 'text/html': { schema: { type: 'string' } } };

function problemObject(codes: readonly ErrorCode[], headers: readonly string[]): JsonSchema {
  const schema = {
    allOf: [{ $ref: '#/components/schemas/Problem' }, { properties: { code: { enum: codes } } }],
  };
  return {
    description: codes.map((code) => `\`${code}\`: ${ERROR_TABLE[code].title}`).join('\n\n'),
    ...(headers.length === 0 ? {} : { headers: headersObject(headers) }),
    content: { 'application/problem+json': { schema }, ...PAGE },
  };
}
