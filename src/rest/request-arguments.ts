import type { FastifyRequest } from 'fastify';
import { z } from 'zod';

/** JSON's own numbers, exponents aside. */
const NUMBER = /^-?(0|[1-9]\d{0,14})(\.\d{1,15})?$/;

/**
 * The arguments in path and query, turned from text into what the input's JSON types say. Only what is plainly of its
 * type is turned: the rest stays as it came, and the input's own check refuses it by its name. What is given twice, be it
 * in the path and the query, becomes a list, which no input takes.
 */
export function addressArguments({ params, query }: FastifyRequest, input: z.ZodObject): Record<string, unknown> {
  const types = jsonTypes(input);
  const parts = [query, params].map((part) =>
    Object.entries(part as object).map(([name, value]): Entry => [name, coerce(value, types.get(name))]),
  );
  return merge(parts.flat());
}

/**
 * The arguments in a body, and in the path where there are some; a body that is no object is left to the input's check.
 * A write takes nothing from the query: a `?dry_run=true` that was silently passed over would be a trade. What stands
 * there becomes an argument that no input has, and is refused by its name, with its question mark.
 */
export function bodyArguments({ params, query, body }: FastifyRequest): unknown {
  if (typeof (body ?? {}) !== 'object' || Array.isArray(body)) return body;
  const stray = Object.entries(query as object).map(([name, value]): Entry => [`?${name}`, value]);
  return merge([...stray, ...Object.entries(body ?? {}), ...Object.entries(params as object)]);
}

type Entry = [name: string, value: unknown];

function merge(entries: readonly Entry[]): Record<string, unknown> {
  const args = new Map<string, unknown>();
  for (const [name, value] of entries) args.set(name, args.has(name) ? [args.get(name), value] : value);
  return Object.fromEntries(args);
}

const known = new WeakMap<z.ZodObject, ReadonlyMap<string, string | undefined>>();

function jsonTypes(input: z.ZodObject): ReadonlyMap<string, string | undefined> {
  const before = known.get(input);
  if (before !== undefined) return before;
  const { properties = {} } = z.toJSONSchema(input, { io: 'input' });
  const types = new Map(Object.entries(properties).map(([name, schema]) => [name, typeOf(schema)]));
  known.set(input, types);
  return types;
}

function typeOf(schema: unknown): string | undefined {
  const { type } = schema as { type?: unknown };
  return typeof type === 'string' ? type : undefined;
}

function coerce(value: unknown, type: string | undefined): unknown {
  if (typeof value !== 'string') return value;
  if (type === 'integer' || type === 'number') return NUMBER.test(value) ? Number(value) : value;
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  return value;
}
