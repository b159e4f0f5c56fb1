import { type BeforeApplicationShutdown, Controller, Get, Header, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Access } from '../auth/access.decorator.js';
import { PrismaService } from '../database/prisma.service.js';

/** What an orchestrator asks: is the process alive, and should it get traffic. */
@Controller('health')
export class HealthController implements BeforeApplicationShutdown {
  private draining = false;

  constructor(private readonly prisma: PrismaService) {}

  @Get('live')
  @Access('public')
  @Header('cache-control', 'no-store')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** Red while the database is away and while draining; migrations ran before the listener opened. */
  @Get('ready')
  @Access('public')
  @Header('cache-control', 'no-store')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<{ status: string; database: string }> {
    const database = (await this.prisma.ping()) ? 'ok' : 'unavailable';
    const ready = database === 'ok' && !this.draining;
    if (!ready) void reply.status(503);
    return { status: this.draining ? 'draining' : ready ? 'ok' : 'unavailable', database };
  }

  beforeApplicationShutdown(): void {
    this.draining = true;
  }
}
