export type Params = Readonly<Record<string, unknown>>;

/** No list here has a second page, so no cursor is one of ours (MCP 2026-07-28, server/utilities/pagination). */
export function onePage({ cursor }: Params): string | undefined {
  return cursor === undefined
    ? undefined
    : 'params.cursor is not one that this server gave out: its lists have one page.';
}

export function argumentsProblem({ name, arguments: args }: Params, what: 'tool' | 'prompt'): string | undefined {
  if (typeof name !== 'string') return `params.name must be the name of a ${what}.`;
  return args === undefined || isObject(args) ? undefined : 'params.arguments must be an object.';
}

export function uriProblem({ uri }: Params): string | undefined {
  return typeof uri === 'string' ? undefined : 'params.uri must be the URI of a resource.';
}

export function completionProblem({ ref, argument, context }: Params): string | undefined {
  const { type, name, uri } = membersOf(ref);
  const isRef = type === 'ref/prompt' ? typeof name === 'string' : type === 'ref/resource' && typeof uri === 'string';
  if (!isRef) return 'params.ref must be a ref/prompt with a name or a ref/resource with a uri.';
  const { name: argumentName, value } = membersOf(argument);
  if (typeof argumentName !== 'string' || typeof value !== 'string')
    return 'params.argument must have a name and a value, both strings.';
  const isContext = context === undefined || (isObject(context) && isStringMap(membersOf(context)['arguments']));
  return isContext ? undefined : 'params.context.arguments must be an object of strings.';
}

/** An object whose members are all strings, or nothing. */
export function isStringMap(value: unknown): boolean {
  return (
    value === undefined || (isObject(value) && Object.values(membersOf(value)).every((v) => typeof v === 'string'))
  );
}

export function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function membersOf(value: unknown): Params {
  return isObject(value) ? (value as Params) : {};
}
