import { MODERN, type Mutant } from './mutant.js';

const LEG = 'src/mcp/modern/modern-leg.ts';
const IO = 'src/mcp/modern/modern-io.ts';
const LISTEN = 'src/mcp/modern/listen-streams.ts';
const TRANSPORT = 'src/mcp/modern/modern-transport.ts';
const STATELESS = { [MODERN]: ['server-stateless'] };
const rounds = (...names: string[]): Mutant['red'] => ({
  [MODERN]: names.map((name) => `input-required-result-${name}`),
});

/** The leg of the revision without a handshake. */
export const modernMutants: readonly Mutant[] = [
  {
    breaks: 'progress is swallowed',
    file: IO,
    find: "this.context.mcpReq.notify({ method: 'notifications/progress', params }).catch(() => undefined);",
    replace: '',
    red: { [MODERN]: ['tools-call-with-progress'] },
  },
  {
    breaks: 'results carry no caching hints',
    file: TRANSPORT,
    find: '      this.channel.finish(message, status ?? this.statusOf(message), headers);',
    replace:
      '      const { ttlMs, cacheScope, ...result } = message.result ?? {};\n      this.channel.finish(message.result ? { ...message, result } : message, status ?? this.statusOf(message), headers);',
    red: { [MODERN]: ['caching'] },
  },
  {
    breaks: 'headers are not compared with the body',
    file: 'src/mcp/modern/standard-headers.ts',
    find: "  if (headerOf(request, 'mcp-protocol-version') === undefined)",
    replace:
      "  if (headerOf(request, 'mcp-method') !== '') return undefined;\n  if (headerOf(request, 'mcp-protocol-version') === undefined)",
    red: { [MODERN]: ['http-header-validation'] },
  },
  {
    breaks: 'an unknown version is answered with 200',
    file: LEG,
    find: '    .code(400)',
    replace: '    .code(200)',
    red: STATELESS,
  },
  {
    breaks: 'the version that was asked for is not repeated',
    file: LEG,
    find: '        requested: classification.revision,\n',
    replace: '',
    red: STATELESS,
  },
  {
    breaks: 'an unknown method is answered with 200',
    file: TRANSPORT,
    find: '  [RPC.methodNotFound]: 404,\n',
    replace: '',
    red: STATELESS,
  },
  {
    breaks: 'a missing capability is answered with 200',
    file: TRANSPORT,
    find: '  [RPC.missingCapability]: 400,\n',
    replace: '',
    red: STATELESS,
  },
  {
    breaks: 'a request without its envelope is answered with 200',
    file: 'src/mcp/mcp.endpoint.ts',
    find: '.code(outcome.httpStatus)',
    replace: '.code(200)',
    red: STATELESS,
  },
  {
    breaks: 'log messages are sent unasked',
    file: IO,
    find: 'this.context.mcpReq.log(level, data, logger).catch(() => undefined);',
    replace:
      "this.context.mcpReq.notify({ method: 'notifications/message', params: { level, data, logger } }).catch(() => undefined);",
    red: STATELESS,
  },
  {
    breaks: 'a request of the server goes out on the stream of a call',
    file: IO,
    find: '    if (progressToken === undefined) return;\n',
    replace:
      "    if (progressToken === undefined) return void this.context.mcpReq.notify({ method: 'custom/ask', params: {} }).catch(() => undefined);\n",
    red: STATELESS,
  },
  {
    breaks: 'a listen stream is not acknowledged',
    file: LISTEN,
    find: "    this.tell({ method: 'notifications/subscriptions/acknowledged', params: { notifications } });\n",
    replace: '',
    red: STATELESS,
  },
  {
    breaks: 'messages of a listen stream do not say whose they are',
    file: LISTEN,
    find: 'params: { ...params, _meta: this.meta } }',
    replace: 'params }',
    red: STATELESS,
  },
  {
    breaks: 'a listen stream tells of everything',
    file: LISTEN,
    find: 'if (wanted[`${kind}ListChanged`] !== true || watchList === undefined) return false;',
    replace: 'if (watchList === undefined) return false;',
    red: STATELESS,
  },
  {
    breaks: 'a listen stream tells of no changed lists',
    file: LISTEN,
    find: 'changed: () => this.tell({ method, params: {} }),',
    replace: 'changed: () => undefined,',
    red: STATELESS,
  },
  {
    breaks: 'answers do not say which kind they are',
    file: TRANSPORT,
    find: '      this.channel.finish(message, status ?? this.statusOf(message), headers);',
    replace:
      '      const { resultType, ...result } = message.result ?? {};\n      this.channel.finish(message.result ? { ...message, result } : message, status ?? this.statusOf(message), headers);',
    red: rounds('result-type', 'basic-elicitation'),
  },
  {
    breaks: 'what is asked does not go out',
    file: LEG,
    find: '      inputRequests: result.requests as InputRequests,\n',
    replace: "      inputRequests: { other: { method: 'roots/list', params: {} } },\n",
    red: rounds('basic-sampling', 'multiple-input-requests', 'non-tool-request'),
  },
  {
    breaks: 'answers of the client do not arrive',
    file: IO,
    find: 'responses: context.mcpReq.inputResponses ?? {}, state }',
    replace: 'responses: {}, state }',
    red: rounds('basic-elicitation', 'basic-list-roots', 'ignore-extra-params'),
  },
  {
    breaks: 'the state of the round before is lost',
    file: IO,
    find: 'responses: context.mcpReq.inputResponses ?? {}, state }',
    replace: 'responses: context.mcpReq.inputResponses ?? {}, state: undefined }',
    red: rounds('request-state', 'multiple-input-requests', 'multi-round'),
  },
  {
    breaks: 'a state of anybody is taken',
    file: LEG,
    find: "const state = typeof value === 'string' ? this.states.open(value, exchange) : undefined;",
    replace: "const state = 'asked';",
    red: rounds('tampered-state'),
  },
  {
    breaks: 'clients are thought to be able to do all',
    file: 'src/mcp/client-abilities.ts',
    find: '  if (elicitation === undefined && sampling === undefined && roots === undefined) return NONE;\n',
    replace:
      "  if (elicitation === undefined || roots === undefined) return new Set(['form', 'url', 'sampling', 'roots']);\n",
    red: rounds('capability-check'),
  },
  {
    breaks: 'answers that are none are taken for a yes',
    file: IO,
    find: 'responses: context.mcpReq.inputResponses ?? {}, state }',
    replace: "responses: { user_name: { action: 'accept', content: { name: 'nobody' } } }, state }",
    red: rounds('validate-input', 'missing-input-response'),
  },
  {
    breaks: 'lists ask for input',
    file: TRANSPORT,
    find: '      this.channel.finish(message, status ?? this.statusOf(message), headers);',
    replace:
      "      if (message.result?.tools) message.result.resultType = 'input_required';\n      this.channel.finish(message, status ?? this.statusOf(message), headers);",
    red: rounds('unsupported-methods'),
  },
];
