// SDK v1, the documented stateless pattern (its examples/server/simpleStatelessStreamableHttp.ts): a server and a transport
// a request, on the SDK's own Express application.
import { createMcpExpressApp } from '@modelcontextprotocol/sdk/server/express.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { schemasOf, tools } from './tools.mjs';

function getServer() {
  const server = new McpServer({ name: 'bench', version: '1.0.0' }, { capabilities: { logging: {} } });
  for (const tool of tools) {
    const { name, title, description, annotations, call } = tool;
    const { input, output } = schemasOf(tool);
    server.registerTool(name, { title, description, annotations, inputSchema: input, outputSchema: output }, call);
  }
  return server;
}

const app = createMcpExpressApp();
app.post('/mcp', (request, response) => {
  serve(request, response).catch(() => response.sendStatus(500));
});
app.listen(Number(process.env.PORT), '127.0.0.1');

async function serve(request, response) {
  const server = getServer();
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
  await server.connect(transport);
  await transport.handleRequest(request, response, request.body);
  response.on('close', () => {
    void transport.close();
    void server.close();
  });
}
