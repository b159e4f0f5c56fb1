import {
  InMemoryTransport,
  isJSONRPCErrorResponse,
  isJSONRPCResultResponse,
  type JSONRPCRequest,
  type JSONRPCResponse,
  ProtocolError,
  ProtocolErrorCode,
  Server,
} from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { publishedPrompts } from '../../tools/prompts/prompt-registry.js';
import { publishedTools } from '../../tools/registry.js';
import { publishedResources, publishedTemplates } from '../../tools/resources/resource-registry.js';
import { INSTRUCTIONS, SERVER_INFO } from '../product/server-info.js';

/** Whole: who it is for shows when somebody has signed in. */
const LISTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'tools/list': { tools: publishedTools },
  'resources/list': { resources: publishedResources },
  'resources/templates/list': { resourceTemplates: publishedTemplates },
  'prompts/list': { prompts: publishedPrompts },
};

/** What a host asks before anybody calls anything: it is answered here when the backend cannot. */
export const OPENING: ReadonlySet<string> = new Set(['initialize', 'server/discover', ...Object.keys(LISTS)]);

/**
 * Answers a client's opening in its own era without the backend: who we are, and what there is. A host that is started
 * before anybody signed in, or while the backend is away, still shows the tools, and each call says what is missing. A server of its own for each request: nothing of an opening is remembered here.
 */
export async function localAnswer(request: JSONRPCRequest): Promise<JSONRPCResponse> {
  const [here, there] = InMemoryTransport.createLinkedPair();
  const server = serveStdio(({ era }) => createServer(era, request.method), { transport: there });
  try {
    return await new Promise<JSONRPCResponse>((resolve, reject) => {
      here.onmessage = (message) => {
        if (isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message)) resolve(message);
      };
      here
        .start()
        .then(() => here.send(request))
        .catch(reject);
    });
  } finally {
    await server.close();
  }
}

function createServer(era: 'legacy' | 'modern', opening: string): Server {
  // 2026-07-28 says in every result who answers; the picture is for the introduction.
  const { icons: _icons, ...name } = SERVER_INFO;
  const info = era === 'modern' && opening !== 'server/discover' ? name : SERVER_INFO;
  const resources = era === 'modern' ? { subscribe: true } : {};
  const capabilities = { tools: {}, resources, prompts: {}, completions: {} };
  const server = new Server(info, { capabilities, instructions: INSTRUCTIONS });
  server.fallbackRequestHandler = async ({ method }) => {
    const list = LISTS[method];
    if (list === undefined) throw new ProtocolError(ProtocolErrorCode.MethodNotFound, 'Method not found');
    return list;
  };
  return server;
}
