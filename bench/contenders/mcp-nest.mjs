// mcp-nest 2, stateless (its default) on the Fastify adapter or on Express (its docs/server-examples.md, "Stateless MCP
// Server" and "Fastify Server"). Decorators are applied by hand: this file is not compiled.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Payload } from '@nestjs/microservices';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { MCP_STRATEGY, McpController, McpStrategy, StreamableHttpTransport, Tool } from '@rekog/mcp-nest';
import { tools } from './tools.mjs';

class TenTools {}
for (const { name, title, description, annotations, input, output, call } of tools) {
  TenTools.prototype[name] = function (args) {
    return call(args);
  };
  const descriptor = Object.getOwnPropertyDescriptor(TenTools.prototype, name);
  Payload()(TenTools.prototype, name, 0);
  Tool({ name, title, description, annotations: { ...annotations, title }, parameters: input, outputSchema: output })(
    TenTools.prototype,
    name,
    descriptor,
  );
}
McpController()(TenTools);

const mcp = new McpStrategy({ name: 'bench', version: '1.0.0', transports: [new StreamableHttpTransport()] });
class AppModule {}
Module({ controllers: [TenTools], providers: [{ provide: MCP_STRATEGY, useValue: mcp }] })(AppModule);

// Its quick start has Nest's default adapter, Express.
const app = await NestFactory.create(AppModule, ...(process.env.ADAPTER === 'express' ? [] : [new FastifyAdapter()]));
mcp.setHttpAdapter(app.getHttpAdapter());
app.connectMicroservice({ strategy: mcp });
await app.startAllMicroservices();
await app.listen(Number(process.env.PORT), '127.0.0.1');
