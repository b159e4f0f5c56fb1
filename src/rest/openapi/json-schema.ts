import { z } from 'zod';
import type { JsonSchema } from '../../http/route-description.js';

/** A zod schema as JSON Schema 2020-12, which is OpenAPI 3.1's own dialect and needs no `$schema`. */
export function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}
