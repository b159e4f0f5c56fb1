// The floor: bare Fastify, the same upstream call and the same tool, no protocol layer.
import Fastify from 'fastify';
import { tools } from './tools.mjs';

const byName = new Map(tools.map((tool) => [tool.name, tool]));
const app = Fastify();
app.post('/mcp', async (request, reply) => {
  const { id, params } = request.body;
  const tool = byName.get(params.name);
  const result = await tool.call(tool.input.parse(params.arguments));
  reply.type('application/json');
  return JSON.stringify({ jsonrpc: '2.0', id, result });
});
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
