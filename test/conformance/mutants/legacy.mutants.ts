import { LEGACY, type Mutant } from './mutant.js';

const LEG = 'src/mcp/legacy/legacy-leg.ts';
const IO = 'src/mcp/legacy/legacy-io.ts';

/** The leg of the handshake revisions. */
export const legacyMutants: readonly Mutant[] = [
  {
    breaks: 'the handshake names no revision',
    file: LEG,
    find: 'return { protocolVersion: negotiated, session };',
    replace: 'return { protocolVersion: undefined, session };',
    red: { [LEGACY]: ['server-initialize'] },
  },
  {
    breaks: 'ping is unknown',
    file: LEG,
    find: "server.removeRequestHandler('logging/setLevel');",
    replace: "{ server.removeRequestHandler('logging/setLevel'); server.removeRequestHandler('ping'); }",
    red: { [LEGACY]: ['ping'] },
  },
  {
    breaks: 'notifications are refused',
    file: LEG,
    find: '      // Notifications: none of them changes anything here. A cancellation is the closed connection itself.\n      void reply.code(202).send();',
    replace: '      void reply.code(400).send();',
    red: { [LEGACY]: ['server-session-lifecycle'] },
  },
  {
    breaks: 'log messages are swallowed',
    file: IO,
    find: "this.notify({ method: 'notifications/message', params: { level, data, logger } });",
    replace: '',
    red: { [LEGACY]: ['tools-call-with-logging'] },
  },
  {
    breaks: 'progress is swallowed',
    file: IO,
    find: "this.notify({ method: 'notifications/progress', params: { progressToken, progress, total, message } });",
    replace: '',
    red: { [LEGACY]: ['tools-call-with-progress'] },
  },
  {
    breaks: 'the client is asked without the form or the prompt',
    file: IO,
    find: 'const request = { method, params } as ServerRequest;',
    replace:
      "const request = { method, params: { message: 'something', messages: [], maxTokens: 1, requestedSchema: { type: 'object', properties: {} } } };",
    red: { [LEGACY]: ['elicitation-sep1034-defaults', 'elicitation-sep1330-enums'] },
  },
  {
    breaks: "the client's replies do not arrive",
    file: 'src/mcp/legacy/legacy-transport.ts',
    find: 'this.onmessage?.({ ...reply, id: message.id } as JSONRPCMessage),',
    replace: 'undefined,',
    red: { [LEGACY]: ['tools-call-sampling', 'tools-call-elicitation'] },
  },
];
