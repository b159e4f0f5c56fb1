import type { Exchange } from '../exchange.js';
import { type InputRequired, LOG_LEVELS, type LogLevel, type RequestIo } from './request-io.js';
import {
  argumentsProblem,
  completionProblem,
  isStringMap,
  onePage,
  type Params,
  uriProblem,
} from './params-problem.js';
import type {
  CallParams,
  CompleteParams,
  CompletionProvider,
  GetPromptParams,
  LoggingProvider,
  McpSurface,
  PromptProvider,
  ResourceProvider,
  ResourceSubscriptions,
  Result,
  ToolProvider,
} from './surface.js';

interface Handler {
  /** What is wrong with the parameters, in one sentence. */
  problem(params: Params): string | undefined;
  /** @param params without a problem, so they have the shape that the provider wants */
  handle(exchange: Exchange, params: Params, io: RequestIo): Promise<Result | InputRequired> | Result;
}
type Entry = readonly [method: string, Handler];

/** Most suggestions of one completion (MCP 2026-07-28, server/utilities/completion). */
const MAX_COMPLETIONS = 100;

/** The methods that this surface offers. Which of them an era knows is its leg's to say. */
export function handlersOf(surface: McpSurface): ReadonlyMap<string, Handler> {
  const { tools, resources, prompts, completions, logging } = surface;
  return new Map([
    ...ofTools(tools),
    ...(resources ? ofResources(resources) : []),
    ...(resources?.subscriptions ? ofSubscriptions(resources.subscriptions) : []),
    ...(prompts ? ofPrompts(prompts) : []),
    ...(completions ? ofCompletions(completions) : []),
    ...(logging ? ofLogging(logging) : []),
  ]);
}

function ofTools(tools: ToolProvider): Entry[] {
  return [
    ['tools/list', { problem: onePage, handle: (exchange) => ({ tools: tools.list(exchange) }) }],
    [
      'tools/call',
      {
        problem: (params) => argumentsProblem(params, 'tool'),
        handle: (exchange, params, io) => tools.call(exchange, params as unknown as CallParams, io),
      },
    ],
  ];
}

function ofResources(resources: ResourceProvider): Entry[] {
  return [
    ['resources/list', { problem: onePage, handle: (exchange) => ({ resources: resources.list(exchange) }) }],
    [
      'resources/templates/list',
      { problem: onePage, handle: (exchange) => ({ resourceTemplates: resources.templates(exchange) }) },
    ],
    [
      'resources/read',
      {
        problem: uriProblem,
        handle: (exchange, { uri }, io) => resources.read(exchange, uri as string, io),
      },
    ],
  ];
}

function ofSubscriptions(subscriptions: ResourceSubscriptions): Entry[] {
  return (['subscribe', 'unsubscribe'] as const).map((verb) => [
    `resources/${verb}`,
    {
      problem: uriProblem,
      handle: async (exchange, { uri }) => {
        await subscriptions[verb](exchange, uri as string);
        return {};
      },
    },
  ]);
}

function ofPrompts(prompts: PromptProvider): Entry[] {
  return [
    ['prompts/list', { problem: onePage, handle: (exchange) => ({ prompts: prompts.list(exchange) }) }],
    [
      'prompts/get',
      {
        problem: (params) =>
          argumentsProblem(params, 'prompt') ??
          (isStringMap(params['arguments']) ? undefined : 'params.arguments must be an object of strings.'),
        handle: (exchange, params, io) => prompts.get(exchange, params as unknown as GetPromptParams, io),
      },
    ],
  ];
}

function ofCompletions(completions: CompletionProvider): Entry[] {
  return [
    [
      'completion/complete',
      {
        problem: completionProblem,
        handle: async (exchange, params, io) => {
          const values = await completions.complete(exchange, params as unknown as CompleteParams, io);
          const sent = values.slice(0, MAX_COMPLETIONS);
          return { completion: { values: sent, total: values.length, hasMore: values.length > sent.length } };
        },
      },
    ],
  ];
}

function ofLogging(logging: LoggingProvider): Entry[] {
  const isLevel = (value: unknown): boolean => LOG_LEVELS.some((known) => known === value);
  return [
    [
      'logging/setLevel',
      {
        problem: ({ level }) => (isLevel(level) ? undefined : `params.level must be one of ${LOG_LEVELS.join(', ')}.`),
        handle: (exchange, { level }) => {
          logging.setLevel(exchange, level as LogLevel);
          return {};
        },
      },
    ],
  ];
}
