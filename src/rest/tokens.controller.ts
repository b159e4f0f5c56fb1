import { Body, Controller, Delete, Get, Header, HttpCode, Param, Post } from '@nestjs/common';
import { Access } from '../auth/access.decorator.js';
import { PatService } from '../auth/pat/pat.service.js';
import { CurrentSession } from '../auth/request-identity.js';
import type { CurrentSession as Session } from '../auth/session/session.js';
import { CreateTokenDto } from './dto/create-token.dto.js';
import { RotateTokenDto } from './dto/rotate-token.dto.js';
import { issuedTokenView, type TokenView, tokenView } from './dto/token.view.js';

/** The signed-in person's personal access tokens. */
@Controller('v1/tokens')
export class TokensController {
  constructor(private readonly tokens: PatService) {}

  @Get()
  @Access('session')
  @Header('cache-control', 'no-store')
  async list(@CurrentSession() { userId }: Session): Promise<{ tokens: TokenView[] }> {
    return { tokens: (await this.tokens.list(userId)).map(tokenView) };
  }

  @Post()
  @Access('session+csrf')
  @Header('cache-control', 'no-store')
  async create(
    @CurrentSession() { userId }: Session,
    @Body() body: CreateTokenDto,
  ): Promise<TokenView & { token: string }> {
    return issuedTokenView(
      await this.tokens.create(userId, {
        name: body.name,
        scopes: body.scopes,
        expiresInDays: body.expires_in_days,
        maxTradeUsdt: body.max_trade_usdt,
        writePolicy: body.write_policy,
      }),
    );
  }

  @Delete(':id')
  @Access('session+csrf')
  @HttpCode(204)
  async revoke(@CurrentSession() { userId }: Session, @Param('id') id: string): Promise<void> {
    await this.tokens.revoke(userId, id);
  }

  @Post(':id/rotate')
  @Access('session+csrf')
  @Header('cache-control', 'no-store')
  async rotate(
    @CurrentSession() { userId }: Session,
    @Param('id') id: string,
    @Body() body: RotateTokenDto,
  ): Promise<TokenView & { token: string }> {
    return issuedTokenView(await this.tokens.rotate(userId, id, body.grace_minutes ?? 0));
  }
}
