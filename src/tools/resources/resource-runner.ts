import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config, type Mode } from '../../config/config.js';
import { AppError } from '../../errors/app-error.js';
import { sanitizeText } from '../../pwa-be/sanitize-text.js';
import { CallPath, type Operation, unrecorded } from '../call-path.js';
import { parseArguments } from '../parse-arguments.js';
import type { Caller, CallFailure } from '../tool-call.js';
import { type Resource } from './resource.js';
import { findResource, type FoundResource } from './resource-registry.js';

/** One reading of a resource, whatever it came in by. */
export interface ResourceRead extends Caller {
  /** As the client sent it. */
  readonly uri: string;
}

export interface ResourceSuccess {
  readonly ok: true;
  /** The tool's structured result as compact JSON. */
  readonly text: string;
  readonly freshForMs: number;
  readonly mode: Mode;
}

/** How the audit log calls a reading: with the resource's own name for it, never with what the caller wrote. */
const OPERATION = 'resources/read';

/** The resources on the one path of every call. */
@Injectable()
export class ResourceRunner {
  constructor(
    private readonly calls: CallPath,
    @Inject(CONFIG) private readonly config: Pick<Config, 'mode'>,
  ) {}

  /** Reads to the end and records it. Never throws: what fails is an outcome with an error of the table. */
  async read({ uri, ...caller }: ResourceRead): Promise<ResourceSuccess | CallFailure> {
    const found = findResource(uri);
    if (found === undefined) {
      return this.calls.run({ ...caller, operation: OPERATION, args: { uri } }, () => {
        throw new AppError('unknown_resource', { detail: `There is no resource "${sanitizeText(uri, 200)}".` });
      });
    }
    const operation = `${OPERATION} ${addressOf(found.resource)}`;
    return this.calls.run({ ...caller, operation, args: found.variables }, () => this.operation(found, caller));
  }

  private operation({ resource }: FoundResource, { principal }: Caller): Operation<ResourceSuccess> {
    const { tool, freshForMs } = resource;
    return {
      name: addressOf(resource),
      scopes: [tool.scope],
      parse: (variables) => parse(resource, variables),
      perform: async (args, upstream) => {
        const text = JSON.stringify(await tool.handler(args, { principal, upstream }));
        return unrecorded({ ok: true, text, freshForMs, mode: this.config.mode });
      },
    };
  }
}

function addressOf(resource: Resource): string {
  return 'uri' in resource ? resource.uri : resource.uriTemplate;
}

/** A URI whose variable the tool would not take names nothing. */
function parse(resource: Resource, variables: unknown): Record<string, unknown> {
  const { tool, args } = resource;
  try {
    return parseArguments(
      { name: addressOf(resource), input: tool.input },
      { ...(variables as FoundResource['variables']), ...args },
    );
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'invalid_arguments') throw error;
    throw new AppError('unknown_resource', { detail: error.detail, cause: error });
  }
}
