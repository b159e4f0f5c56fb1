import { Reflector } from '@nestjs/core';
import type { ErrorCode } from '../errors/error-table.js';

/** JSON Schema 2020-12, as OpenAPI 3.1 takes it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export interface RouteParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

export interface RouteAnswer {
  readonly status: number;
  readonly description: string;
  /** Absent: no body. */
  readonly schema?: JsonSchema;
  /** Content types that the answer may have instead of JSON. */
  readonly files?: readonly string[];
  readonly headers?: readonly string[];
}

/** What the public document says about a route; what follows from its access rule is not repeated here. */
export interface RouteDescription {
  readonly summary: string;
  readonly description?: string;
  /** The one scope that opens it. */
  readonly scope?: string;
  readonly parameters?: readonly RouteParameter[];
  readonly body?: { readonly schema: JsonSchema; readonly required: boolean };
  readonly answers: readonly RouteAnswer[];
  /** Codes of its own, besides those that every route of its access rule may answer with. */
  readonly errors?: readonly ErrorCode[];
}

/** Puts a route into the OpenAPI document; every route under /v1 needs it. */
export const Describe = Reflector.createDecorator<RouteDescription>();
