import { both, LEGACY, MODERN, type Mutant } from './mutant.js';

const HANDLERS = 'src/mcp/surface/handlers.ts';

/** What both legs use. */
export const sharedMutants: readonly Mutant[] = [
  {
    breaks: 'tools/list lists nothing',
    file: HANDLERS,
    find: '({ tools: tools.list(exchange) })',
    replace: '({})',
    red: both('tools-list'),
  },
  {
    breaks: "keywords of a tool's input schema are lost",
    file: HANDLERS,
    find: '({ tools: tools.list(exchange) })',
    replace:
      "({ tools: tools.list(exchange).map((tool) => ({ ...tool, inputSchema: { type: 'object', properties: tool.inputSchema.properties } })) })",
    red: both('json-schema-2020-12'),
  },
  {
    breaks: 'results of tools lose their content',
    file: HANDLERS,
    find: 'tools.call(exchange, params as unknown as CallParams, io)',
    replace:
      'tools.call(exchange, params, io).then((result) => (result.content ? { ...result, content: [] } : result))',
    red: both(
      'tools-call-simple-text',
      'tools-call-image',
      'tools-call-audio',
      'tools-call-embedded-resource',
      'tools-call-mixed-content',
    ),
  },
  {
    breaks: 'errors of tools look like results',
    file: HANDLERS,
    find: 'tools.call(exchange, params as unknown as CallParams, io)',
    replace: 'tools.call(exchange, params, io).then(({ isError, ...result }) => result)',
    red: both('tools-call-error'),
  },
  {
    breaks: 'resources/list lists nothing',
    file: HANDLERS,
    find: '({ resources: resources.list(exchange) })',
    replace: '({})',
    red: both('resources-list'),
  },
  {
    breaks: 'contents of resources are lost',
    file: HANDLERS,
    find: 'resources.read(exchange, uri as string, io)',
    replace:
      'resources.read(exchange, uri, io).then((read) => ({ ...read, contents: read.contents.map(({ text, blob, ...content }) => content) }))',
    red: both('resources-read-text', 'resources-read-binary', 'resources-templates-read'),
  },
  {
    breaks: 'prompts/list lists nothing',
    file: HANDLERS,
    find: '({ prompts: prompts.list(exchange) })',
    replace: '({})',
    red: both('prompts-list'),
  },
  {
    breaks: 'prompts lose their messages',
    file: HANDLERS,
    find: 'prompts.get(exchange, params as unknown as GetPromptParams, io)',
    replace: 'prompts.get(exchange, params, io).then((result) => ({ ...result, messages: [] }))',
    red: both('prompts-get-simple', 'prompts-get-embedded-resource', 'prompts-get-with-image'),
  },
  {
    breaks: 'arguments of prompts are swapped',
    file: HANDLERS,
    find: 'prompts.get(exchange, params as unknown as GetPromptParams, io)',
    replace: "prompts.get(exchange, { ...params, arguments: { arg1: '?', arg2: '?', resourceUri: '?' } }, io)",
    red: both('prompts-get-with-args'),
  },
  {
    breaks: 'suggestions are not where they belong',
    file: HANDLERS,
    find: '{ completion: { values: sent,',
    replace: '{ completion: { suggestions: sent,',
    red: both('completion-complete'),
  },
  {
    breaks: 'any Origin may call',
    file: 'src/http/fastify.ts',
    find: '!allowed.has(origin)',
    replace: 'false',
    red: both('dns-rebinding-protection'),
  },
  {
    breaks: 'a second request of the same kind is refused',
    file: 'src/mcp/mcp.endpoint.ts',
    find: '    const principal = principalOf(request);',
    replace:
      "    if (request.body.method === 'tools/list' && (this.lists = (this.lists ?? 0) + 1) > 1) return void reply.code(409).send();\n    const principal = principalOf(request);",
    red: both('server-sse-multiple-streams'),
  },
  {
    breaks: 'a resource that is not there has empty contents',
    file: HANDLERS,
    find: 'resources.read(exchange, uri as string, io)',
    replace: "resources.read(exchange, uri, io).catch(() => ({ contents: [], ttlMs: 0, cacheScope: 'private' }))",
    red: { [MODERN]: ['sep-2164-resource-not-found'] },
  },
  {
    breaks: 'a resource that is not there has another code',
    file: 'src/mcp/surface/rpc-failure.ts',
    find: "super(RPC.invalidParams, 'Resource not found', { ...data, uri });",
    replace: "super(RPC.invalidRequest, 'Resource not found', { ...data, uri });",
    red: { [MODERN]: ['sep-2164-resource-not-found'] },
  },
  {
    breaks: 'logging/setLevel is unknown',
    file: HANDLERS,
    find: '...(logging ? ofLogging(logging) : []),',
    replace: '',
    red: { [LEGACY]: ['logging-set-level', 'tools-call-with-logging'] },
  },
  {
    breaks: 'resources/subscribe and /unsubscribe are unknown',
    file: HANDLERS,
    find: '...(resources?.subscriptions ? ofSubscriptions(resources.subscriptions) : []),',
    replace: '',
    red: { [LEGACY]: ['resources-subscribe', 'resources-unsubscribe'] },
  },
];
