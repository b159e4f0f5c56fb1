import { z } from 'zod';

/**
 * Declares a schema anew, call by call, as source code would that stands where the documentation puts it: the examples of
 * both SDKs write their schemas inside the function that makes a server for a request.
 */
export function declare(schema) {
  const declared = construct(schema);
  return schema.description === undefined ? declared : declared.describe(schema.description);
}

function construct(schema) {
  const { def } = schema;
  switch (def.type) {
    case 'object':
      return z.strictObject(
        Object.fromEntries(Object.entries(schema.shape).map(([name, field]) => [name, declare(field)])),
      );
    case 'array':
      return z.array(declare(def.element));
    case 'nullable':
      return z.nullable(declare(def.innerType));
    case 'optional':
      return z.optional(declare(def.innerType));
    case 'default':
      return declare(def.innerType).default(def.defaultValue);
    case 'enum':
      return z.enum(schema.options);
    case 'string':
      return def.checks?.reduce((made, check) => made.check(check), z.string()) ?? z.string();
    case 'number':
      return (def.checks ?? []).reduce((made, check) => made.check(check), schema.isInt ? z.int() : z.number());
    case 'boolean':
      return z.boolean();
    case 'literal':
      return z.literal([...def.values]);
    default:
      throw new Error(`declare() knows no ${def.type}: teach it`);
  }
}
