import autocannon from 'autocannon';

const CALL = {
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name: 'get_positions', arguments: { status: 'open' } },
};
/** autocannon ends a load only where it takes a sample, once a second by itself: a load would never be shorter. */
const SAMPLE_MS = 5;
const HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

/** One `tools/call` of each protocol era, as a client of that era sends it. */
export const LEGS = {
  legacy: { headers: { ...HEADERS, 'mcp-protocol-version': '2025-11-25' }, body: CALL },
  modern: {
    headers: {
      ...HEADERS,
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': 'get_positions',
    },
    body: {
      ...CALL,
      params: {
        ...CALL.params,
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1.0.0' },
          'io.modelcontextprotocol/clientCapabilities': {},
        },
      },
    },
  },
};

/** One call of any tool. @returns its result, whichever form the answer came in */
export async function callTool(url, leg, { headers: own, name, args }) {
  const { headers, body } = LEGS[leg];
  const named = leg === 'modern' ? { 'mcp-name': name } : {};
  const response = await fetch(`${url}/mcp`, {
    method: 'POST',
    headers: { ...headers, ...named, ...own },
    body: JSON.stringify({ ...body, params: { ...body.params, name, arguments: args } }),
  });
  const text = await response.text();
  const data = response.headers.get('content-type')?.startsWith('text/event-stream')
    ? text
        .split('\n')
        .find((line) => line.startsWith('data: {'))
        ?.slice('data: '.length)
    : text;
  const message = JSON.parse(data ?? 'null');
  if (message?.result === undefined) throw new Error(`${name} answered ${response.status}: ${text.slice(0, 500)}`);
  return message.result;
}

/**
 * Puts a counted load on a server.
 * @param own what each connection adds to the headers, so that no two callers are the same user
 * @returns requests a second and latencies in milliseconds
 * @throws Error when an answer was not 2xx, or a connection failed
 */
export async function load(url, leg, { amount, connections, headers: own }) {
  const { headers, body } = LEGS[leg];
  let next = 0;
  const result = await autocannon({
    url: `${url}/mcp`,
    method: 'POST',
    headers,
    body: JSON.stringify(body),
    connections,
    amount,
    sampleInt: SAMPLE_MS,
    setupClient: (client) => {
      if (own !== undefined) client.setHeaders({ ...headers, ...own[next % own.length] });
      next += 1;
    },
  });
  if (result.errors > 0 || result.non2xx > 0) {
    throw new Error(`${url}: ${result.errors} errors, answers by status: ${JSON.stringify(result.statusCodeStats)}`);
  }
  return {
    perSecond: amount / ((result.finish - result.start) / 1000),
    p50: result.latency.p50,
    p99: result.latency.p99,
  };
}
