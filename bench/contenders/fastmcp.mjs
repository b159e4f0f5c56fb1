// fastmcp, stateless HTTP streaming (its README, "Stateless Mode").
import { FastMCP } from 'fastmcp';
import { tools } from './tools.mjs';

const server = new FastMCP({ name: 'bench', version: '1.0.0' });
for (const { name, description, annotations, input, output, title, call } of tools) {
  server.addTool({
    name,
    description,
    annotations: { ...annotations, title },
    parameters: input,
    outputSchema: output,
    execute: call,
  });
}
await server.start({
  transportType: 'httpStream',
  httpStream: { port: Number(process.env.PORT), host: '127.0.0.1', stateless: true },
});
