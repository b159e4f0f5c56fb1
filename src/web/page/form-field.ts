/** The text of one field of a posted form; undefined when it is missing or was sent more than once. */
export function formField(body: unknown, name: string): string | undefined {
  const value = formFields(body, name);
  return value.length === 1 ? value[0] : undefined;
}

/** All values of a field, in order: ticked boxes share one name. */
export function formFields(body: unknown, name: string): readonly string[] {
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, name)) return [];
  const value = (body as Readonly<Record<string, unknown>>)[name];
  return (Array.isArray(value) ? value : [value]).filter((item) => typeof item === 'string');
}
