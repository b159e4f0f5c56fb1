import { Controller, Delete, Get, HttpCode, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from '../auth/access.decorator.js';
import { AppError } from '../errors/app-error.js';
import { McpEndpoint } from './mcp.endpoint.js';

/** `POST /mcp`: Streamable HTTP, stateless. There is no GET stream and no session to DELETE. */
@Controller('mcp')
export class McpController {
  constructor(private readonly endpoint: McpEndpoint) {}

  @Post()
  @Access({ bearer: 'mcp' })
  async post(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.endpoint.handle(request, reply);
  }

  @Get()
  @HttpCode(405)
  @Access('public')
  get(): never {
    throw methodNotAllowed();
  }

  @Delete()
  @HttpCode(405)
  @Access('public')
  delete(): never {
    throw methodNotAllowed();
  }
}

function methodNotAllowed(): AppError {
  return new AppError('method_not_allowed', { headers: { allow: 'POST' } });
}
