import { z } from 'zod';
import { hostileText } from './hostile-text.js';

/**
 * Answers of pwa-be made of the wire's own schemas, every string in them hostile. A field that somebody adds to a schema
 * is hostile from that moment on; a sort of schema that this does not know ends the test.
 */

/** Fields that decide whether a row is shown at all, with the value that shows it. Their rows come with other values, too. */
const GATES: Readonly<Record<string, string>> = { signalType: 'open' };
/** Kinds of rows of a list: those whose ids a write can name; those whose ids are hostile, too; one that no gate lets in. */
const ROWS = ['plain id', 'plain id', 'plain id', 'plain id', 'shown', 'shown', 'shown', 'shown', 'as it is'] as const;
type Row = (typeof ROWS)[number];
/** How many rows of a list have the large value: an answer may have five megabytes. */
const LARGE_ROWS = 4;

export class HostileWire {
  /** Marker of a value → where it stands on the wire, e.g. `/signal/active[].symbol`. */
  readonly fields = new Map<string, string>();
  private readonly markers = new Map<string, string>();

  /** @param large a field that is a megabyte long */
  answer(schema: z.ZodType, route: string, large?: string): unknown {
    return this.value(schema, { field: route, name: '', row: 'shown', index: 0, large });
  }

  private value(schema: z.ZodType, at: Place): unknown {
    if (schema instanceof z.ZodString) return this.text(at);
    if (schema instanceof z.ZodNumber) return 1;
    if (schema instanceof z.ZodBoolean) return at.flag ?? true;
    if (schema instanceof z.ZodEnum) return schema.options[at.index % schema.options.length];
    if (schema instanceof z.ZodArray) {
      const field = `${at.field}[]`;
      return ROWS.map((row, index) => this.value(schema.element as z.ZodType, { ...at, field, row, index }));
    }
    if (schema instanceof z.ZodObject) return this.object(schema, at);
    if (isWrapper(schema)) return this.value(schema.unwrap() as z.ZodType, at);
    throw new Error(`${at.field}: teach this test how to poison a ${schema.type}`);
  }

  /** The flags of an object have every combination over the rows of a list. */
  private object(schema: z.ZodObject, at: Place): object {
    let flags = 0;
    const known = Object.entries(schema.shape).map(([name, member]) => {
      const flag = base(member as z.ZodType) instanceof z.ZodBoolean ? ((at.index >> flags++) & 1) === 0 : undefined;
      return [name, this.value(member as z.ZodType, { ...at, field: `${at.field}.${name}`, name, flag })];
    });
    const unknown = [
      this.text({ ...at, field: 'a name nobody knows', name: '' }),
      this.text({ ...at, field: UNDECLARED }),
    ];
    return Object.fromEntries([...known, unknown]);
  }

  private text({ field, name, row, index, large }: Place): string {
    const gate = GATES[name];
    if (gate !== undefined && row !== 'as it is') return gate;
    const marker = this.markerOf(field, index);
    if (name === 'id' && row === 'plain id') return marker;
    return hostileText(marker, field === large && index < LARGE_ROWS ? 1_000_000 : undefined);
  }

  /** The same place has the same marker in every answer: ids can be looked up. */
  private markerOf(field: string, index: number): string {
    const place = `${field}#${index}`;
    const marker = this.markers.get(place) ?? `zq${(36 ** 3 + this.markers.size).toString(36)}qz`;
    this.markers.set(place, marker);
    this.fields.set(marker, field);
    return marker;
  }
}

/** Where what no schema names is said to stand. */
export const UNDECLARED = 'undeclared';

interface Place {
  readonly field: string;
  readonly name: string;
  readonly row: Row;
  readonly index: number;
  readonly flag?: boolean;
  readonly large?: string;
}

function base(schema: z.ZodType): z.ZodType {
  return isWrapper(schema) ? base(schema.unwrap() as z.ZodType) : schema;
}

function isWrapper(schema: z.ZodType): schema is z.ZodOptional | z.ZodNullable | z.ZodDefault {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault;
}
