import type { JsonSchema } from '../../http/route-description.js';

/** One operation of the OpenAPI document, as the page shows it. */
export interface ReferenceEntry {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly description: string | undefined;
  /** `read:signals`, or that it is for the signed-in person. */
  readonly needs: string;
  /** Path, query and body alike. */
  readonly fields: readonly ReferenceField[];
  /** Stable codes of its errors, by status. */
  readonly errors: readonly { readonly status: string; readonly codes: readonly string[] }[];
}

export interface ReferenceField {
  readonly name: string;
  readonly place: string;
  readonly required: boolean;
  /** e.g. `integer, 1 to 100, default 20` */
  readonly form: string;
  readonly description: string | undefined;
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly (JsonSchema & {
    readonly name: string;
    readonly in: string;
    readonly schema: JsonSchema;
  })[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: JsonSchema } } };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>> }>
  >;
}

/** The document's operations in its order. */
export function referenceEntries(document: JsonSchema): ReferenceEntry[] {
  const paths = document['paths'] as Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => entry(method.toUpperCase(), path, operation)),
  );
}

function entry(method: string, path: string, operation: Operation): ReferenceEntry {
  const { operationId, summary, description, security, parameters = [], requestBody, responses } = operation;
  const scopes = security.flatMap((one) => one['token'] ?? []);
  const inAddress = parameters.map(({ name, in: place, required, schema, description: words }) =>
    field(name, place, required === true, { ...schema, description: words }),
  );
  return {
    id: operationId,
    method,
    path,
    summary,
    description,
    needs: scopes[0] ?? 'signed in',
    fields: [...inAddress, ...bodyFields(requestBody?.content['application/json'].schema)],
    errors: Object.entries(responses).flatMap(([status, { content }]) => {
      const problem = content?.['application/problem+json']?.schema;
      return problem === undefined ? [] : [{ status, codes: codesOf(problem) }];
    }),
  };
}

function bodyFields(schema: JsonSchema | undefined): ReferenceField[] {
  const { properties = {}, required = [] } = (schema ?? {}) as {
    properties?: Record<string, JsonSchema>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, own]) => field(name, 'body', required.includes(name), own));
}

function field(name: string, place: string, required: boolean, schema: JsonSchema): ReferenceField {
  const { description } = schema;
  const words = typeof description === 'string' ? description : undefined;
  return { name, place, required, form: formOf(schema), description: words };
}

/** A schema in a few words. */
function formOf(schema: JsonSchema): string {
  const { type, enum: choices, minimum, maximum, default: fallback, anyOf } = schema;
  if (Array.isArray(anyOf)) return anyOf.map((one) => formOf(one as JsonSchema)).join(' or ');
  const kind = Array.isArray(choices) ? choices.join(', ') : String(type);
  const range = minimum === undefined ? '' : `, ${JSON.stringify(minimum)} to ${JSON.stringify(maximum)}`;
  return `${kind}${range}${fallback === undefined ? '' : `, default ${JSON.stringify(fallback)}`}`;
}

function codesOf(problem: JsonSchema): readonly string[] {
  const [, own] = problem['allOf'] as readonly [unknown, { properties: { code: { enum: readonly string[] } } }];
  return own.properties.code.enum;
}
