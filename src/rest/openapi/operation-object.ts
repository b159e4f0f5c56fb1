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

const ANSWER_HEADERS: Readonly<Record<string, string>> = {
  ETag: 'Tag of exactly this answer, for If-None-Match.',
  RateLimit: 'What is left to the credential: `"credential";r=<calls>;t=<seconds until the minute ends>`.',
  'RateLimit-Policy': 'The limit: `"credential";q=<calls>;w=<seconds>`.',
  'TradeCafe-Mode': 'live, or mock: the data is synthetic.',
};

/** An Operation Object (OpenAPI 3.1 §4.8.10). */
export function operationObject({ method, handler, path, access, description }: ListedRoute): JsonSchema {
  const { summary, scope, body, answers, errors = [], parameters = [] } = description;
  const words = accessWords(access, scope);
  const codes = new Set<ErrorCode>([...errors, ...words.errors, ...ALWAYS]);
  for (const code of method === 'get' ? [] : BODY) codes.add(code);
  for (const code of path.includes('{') ? ADDRESS : []) codes.add(code);
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
    responses: Object.fromEntries([...answers.map(answerObject), ...problemObjects(codes)]),
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
  const named = headers.map((name) => [name, { description: ANSWER_HEADERS[name], schema: { type: 'string' } }]);
  const json = schema === undefined ? [] : [['application/json', { schema }]];
  const types = [...json, ...files.map((type) => [type, { schema: { type: 'string' } }])];
  const content = types.length === 0 ? {} : { content: Object.fromEntries(types) as JsonSchema };
  return [String(status), { description, headers: Object.fromEntries(named) as JsonSchema, ...content }];
}

/** One answer for each status, naming the codes it may carry; the table knows which status each code has. */
function problemObjects(codes: ReadonlySet<ErrorCode>): [string, JsonSchema][] {
  const byStatus = groupBy([...codes].sort(), (code) => ERROR_TABLE[code].status);
  return [...byStatus].sort(([a], [b]) => a - b).map(([status, own]) => [String(status), problemObject(own)]);
}

function problemObject(codes: readonly ErrorCode[]): JsonSchema {
  const schema = {
    allOf: [{ $ref: '#/components/schemas/Problem' }, { properties: { code: { enum: codes } } }],
  };
  return {
    description: codes.map((code) => `\`${code}\`: ${ERROR_TABLE[code].title}`).join('\n\n'),
    content: { 'application/problem+json': { schema } },
  };
}
