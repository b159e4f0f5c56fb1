import { z } from 'zod';

/** A configuration that must not boot: every problem, each naming its variable and the mend. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The configuration is not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/** Each variable's parser and the mend that its refusal names. */
export type VariableTable = Readonly<Record<string, readonly [z.ZodType, string]>>;

export type ValuesOf<Table extends VariableTable> = { [Name in keyof Table]: z.output<Table[Name][0]> };

/** An http(s) address, without trailing slashes. */
export const url = z.url({ protocol: /^https?$/ }).transform((value) => value.replace(/\/+$/, ''));

export const logLevel = z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']);
export const LOG_LEVEL_MEND = 'use fatal, error, warn, info, debug, trace or silent';

/** Reads the table's variables. What cannot be used goes into `problems`, and is missing from the result. */
export function readVariables<Table extends VariableTable>(
  table: Table,
  environment: NodeJS.ProcessEnv,
  problems: string[],
): ValuesOf<Table> {
  const values: Record<string, unknown> = {};
  for (const [name, [schema, mend]] of Object.entries(table)) {
    // An empty variable is an unset one: compose files and CI systems cannot leave a variable out.
    const raw = environment[name] === '' ? undefined : environment[name];
    const result = schema.safeParse(raw);
    if (result.success) values[name] = result.data;
    else problems.push(`${name} is not usable: ${mend}.`);
  }
  return values as ValuesOf<Table>;
}

/** Whether an address stays on this machine. */
export function isLoopback(value: string): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(value).hostname);
}
