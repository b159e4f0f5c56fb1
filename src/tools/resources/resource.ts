import type { Completer } from '../completions/completer.js';
import type { ReadTool } from '../tool.js';

/** What every resource says about itself. Its scope, shape and handler are those of the tool that it is read by. */
interface ResourceFace {
  readonly name: string;
  readonly title: string;
  /** Says only what is really there; a host or a model chooses by it. */
  readonly description: string;
  readonly tool: ReadTool;
  /** Arguments of the tool that the URI does not name. */
  readonly args: Readonly<Record<string, unknown>>;
  /** Milliseconds for which a client may keep what it read; 0 for what a trade can change at any moment. */
  readonly freshForMs: number;
}

/** One thing of the caller's, under a URI of its own: a read tool with arguments that are fixed. */
export interface FixedResource extends ResourceFace {
  readonly uri: string;
  /** Whether changes of it can be listened for. */
  readonly live: boolean;
}

/** Many things of one kind: a read tool with one argument that the URI names. */
export interface ResourceTemplate extends ResourceFace {
  /** RFC 6570 level 1, with one variable at the end, which is an argument of the tool: `tradecafe://signals/{signal_id}`. */
  readonly uriTemplate: string;
  readonly variable: string;
  /** Suggests values for the variable. */
  readonly completer: Completer;
}

export type Resource = FixedResource | ResourceTemplate;

/** What resources contain: the tool's structured result as JSON. */
export const RESOURCE_MIME_TYPE = 'application/json';

/** Whatever is written in the URI, the caller sees only what is his: the tool reads on his behalf. */
export function defineResource(resource: FixedResource): FixedResource {
  return resource;
}

/** @throws Error when the template does not end in its variable, or the tool has no such argument: a bug of ours */
export function defineTemplate(template: ResourceTemplate): ResourceTemplate {
  const { uriTemplate, variable, tool } = template;
  if (!uriTemplate.endsWith(`/{${variable}}`) || !Object.hasOwn(tool.input.shape, variable)) {
    throw new Error(`${uriTemplate} and ${tool.name} do not fit together`);
  }
  return template;
}
