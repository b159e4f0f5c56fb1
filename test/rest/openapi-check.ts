import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Answer } from './gateway.js';

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: Readonly<Record<string, unknown>>;
}

/** What an answer may only carry when the document says so. */
const LISTED_HEADERS = ['ETag', 'RateLimit', 'RateLimit-Policy', 'Retry-After', 'TradeCafe-Mode', 'WWW-Authenticate'];

interface Response {
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, { readonly schema: unknown }>>;
}

interface Operation {
  readonly operationId: string;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: object } } };
  readonly responses: Readonly<Record<string, Response>>;
}

export interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** One operation of the document, with its place. */
export interface Listed {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

export function operationsOf({ paths }: OpenApi): Listed[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
}

/** Judges live answers by the document. */
export class OpenApiCheck {
  private readonly ajv = new Ajv2020({ strict: false, allErrors: true });
  private readonly compiled = new Map<string, ValidateFunction>();

  constructor(readonly document: OpenApi) {
    this.ajv.addSchema(document, 'openapi', undefined, false);
  }

  /** What is wrong with an answer; undefined: nothing. */
  problemOf({ method, path, operation }: Listed, answer: Answer): string | undefined {
    const { status, headers, text, body } = answer;
    const response = operation.responses[String(status)];
    if (response === undefined) return `status ${status} is not listed: ${text.slice(0, 300)}`;
    const stray = LISTED_HEADERS.filter((name) => headers.has(name) && !(name in (response.headers ?? {})));
    if (stray.length > 0) return `${stray.join(', ')} of ${status} not listed: ${text.slice(0, 300)}`;
    const type = (headers.get('content-type') ?? '').split(';', 1)[0]!;
    if (response.content === undefined) return text === '' ? undefined : 'a body where none is listed';
    if (!(type in response.content)) return `content type ${type} is not listed for ${status}`;
    const pointer = ['paths', path, method, 'responses', String(status), 'content', type, 'schema'];
    const validate = this.validator(pointer);
    return validate(/\bjson\b/.test(type) ? body : text)
      ? undefined
      : `${this.ajv.errorsText(validate.errors)}: ${text.slice(0, 300)}`;
  }

  private validator(pointer: readonly string[]): ValidateFunction {
    const fragment = pointer.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')));
    const $ref = `openapi#/${fragment.join('/')}`;
    const known = this.compiled.get($ref) ?? this.ajv.compile({ $ref });
    this.compiled.set($ref, known);
    return known;
  }
}
