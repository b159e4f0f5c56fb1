import { AppError } from '../../errors/app-error.js';

/**
 * The text of one field of a posted form; undefined when it is missing.
 * @throws AppError invalid_request when it was sent more than once: of two limits, neither is what the person meant
 */
export function formField(body: unknown, name: string): string | undefined {
  const values = formFields(body, name);
  if (values.length > 1) {
    throw new AppError('invalid_request', { detail: `The form has the field ${name} more than once: send it once.` });
  }
  return values[0];
}

/** All values of a field, in order: ticked boxes share one name. */
export function formFields(body: unknown, name: string): readonly string[] {
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, name)) return [];
  const value = (body as Readonly<Record<string, unknown>>)[name];
  return (Array.isArray(value) ? value : [value]).filter((item) => typeof item === 'string');
}
