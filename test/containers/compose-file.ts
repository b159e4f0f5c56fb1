import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** The part of a compose file that is rehearsed and checked. */
export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

export interface ComposeService {
  readonly image: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>> | readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly stop_grace_period?: string;
}

/** Reads docker-compose.yml, with its merge keys applied and its variables as they stand. */
export function readCompose(): ComposeFile {
  const text = readFileSync(new URL('../../docker-compose.yml', import.meta.url), 'utf8');
  return parse(text, { merge: true }) as ComposeFile;
}

/** `${NAME}`, `${NAME:?message}` and `${NAME:-default}` of a text. */
export function variablesOf(text: string): { name: string; required: boolean }[] {
  return [...text.matchAll(/\$\{(\w+)(:[?-][^}]*)?\}/g)].map(([, name, rest]) => ({
    name: name!,
    required: rest?.startsWith(':?') === true,
  }));
}

/** A service's environment with the variables filled in, as compose does. @throws Error that names a missing one */
export function environmentOf(
  service: ComposeService,
  variables: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(service.environment ?? {}).map(([name, text]) => [name, fill(text, variables)]),
  );
}

function fill(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{(\w+)(?::[?-][^}]*)?\}/g, (_, name: string) => {
    const value = variables[name];
    if (value === undefined) throw new Error(`The compose file needs ${name}.`);
    return value;
  });
}
