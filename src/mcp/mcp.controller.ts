import { Controller, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from '../auth/access.decorator.js';
import { McpEndpoint } from './mcp.endpoint.js';

/** `POST /mcp`: Streamable HTTP, stateless. There is no GET stream and no session to DELETE: as any other method, a 405. */
@Controller('mcp')
export class McpController {
  constructor(private readonly endpoint: McpEndpoint) {}

  @Post()
  @Access({ bearer: 'mcp' })
  async post(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.endpoint.handle(request, reply);
  }
}
