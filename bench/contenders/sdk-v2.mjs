// SDK v2, createMcpHandler under Fastify (its docs/serving/fastify.md): the factory runs once a request; both eras.
import { createMcpFastifyApp } from '@modelcontextprotocol/fastify';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { schemasOf, tools } from './tools.mjs';

const handler = createMcpHandler(() => {
  const server = new McpServer({ name: 'bench', version: '1.0.0' });
  for (const tool of tools) {
    const { name, title, description, annotations, call } = tool;
    const { input, output } = schemasOf(tool);
    server.registerTool(name, { title, description, annotations, inputSchema: input, outputSchema: output }, call);
  }
  return server;
});

const app = createMcpFastifyApp();
const node = toNodeHandler(handler);
app.all('/mcp', (request, reply) => node(request.raw, reply.raw, request.body));
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
