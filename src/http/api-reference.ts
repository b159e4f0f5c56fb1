import type { JsonSchema } from './route-description.js';

/** The machine-readable description of /v1, for pages that show it. */
export interface ApiReference {
  /** An OpenAPI 3.1 document; the same object every time. */
  document(): JsonSchema;
}

/** Injection token of the ApiReference. */
export const API_REFERENCE = Symbol('API_REFERENCE');
