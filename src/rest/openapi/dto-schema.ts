import { getMetadataStorage } from 'class-validator';
import type { JsonSchema } from '../../http/route-description.js';
import { groupBy } from './group-by.js';

interface Rule {
  readonly propertyName: string;
  readonly name?: string;
  readonly type: string;
  readonly each: boolean;
  readonly constraints?: readonly unknown[];
}

/** What each of class-validator's checks says in JSON Schema. */
const KEYWORDS: Readonly<Record<string, (constraints: readonly unknown[]) => JsonSchema>> = {
  isString: () => ({ type: 'string' }),
  isNumber: () => ({ type: 'number' }),
  isArray: () => ({ type: 'array' }),
  isIn: ([values]) => ({ type: 'string', enum: values }),
};

/**
 * The JSON Schema of a body, from the decorators that its validation goes by.
 * @throws Error for a decorator that has no counterpart here yet
 */
export function dtoSchema(dto: new () => object): JsonSchema {
  const rules = getMetadataStorage().getTargetValidationMetadatas(dto, '', true, false) as readonly Rule[];
  const byProperty = groupBy(rules, ({ propertyName }) => propertyName);
  const properties = [...byProperty].map(([name, own]) => [name, propertySchema(own)] as const);
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    required: [...byProperty].filter(([, own]) => !own.some(isOptional)).map(([name]) => name),
    additionalProperties: false,
  };
}

function propertySchema(rules: readonly Rule[]): JsonSchema {
  const checks = rules.filter((rule) => !isOptional(rule));
  const own = Object.assign({}, ...checks.filter(({ each }) => !each).map(keywords)) as JsonSchema;
  const items = Object.assign({}, ...checks.filter(({ each }) => each).map(keywords)) as JsonSchema;
  const schema = Object.keys(items).length === 0 ? own : { ...own, items };
  // IsOptional lets null pass, too.
  return rules.some(isOptional) ? { anyOf: [schema, { type: 'null' }] } : schema;
}

function keywords({ name, propertyName, constraints = [] }: Rule): JsonSchema {
  const convert = KEYWORDS[name ?? ''];
  if (convert === undefined) throw new Error(`${propertyName}: the OpenAPI document has no words for ${name}`);
  return convert(constraints);
}

function isOptional({ type }: Rule): boolean {
  return type === 'conditionalValidation';
}
