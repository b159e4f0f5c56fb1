import { Body, Controller, Delete, Get, Header, HttpCode, Inject, Param, Post, UseInterceptors } from '@nestjs/common';
import { Access } from '../auth/access.decorator.js';
import { PatService } from '../auth/pat/pat.service.js';
import { CurrentSession } from '../auth/request-identity.js';
import { mayGrantWrites } from '../auth/session/session-age.js';
import { CONFIG, type Config } from '../config/config.js';
import type { CurrentSession as Session } from '../auth/session/session.js';
import { Describe } from '../http/route-description.js';
import { CreateTokenDto } from './dto/create-token.dto.js';
import { RotateTokenDto } from './dto/rotate-token.dto.js';
import {
  issuedTokenSchema,
  issuedTokenView,
  tokenListSchema,
  type IssuedTokenView,
  type TokenView,
  tokenView,
} from './dto/token.view.js';
import { dtoSchema } from './openapi/dto-schema.js';
import { UPSTREAM_ERRORS } from './openapi/describe-tool.js';
import { jsonSchema } from './openapi/json-schema.js';
import { StrictQuery } from './strict-query.interceptor.js';

const ISSUED = {
  status: 201,
  description: 'The new token.',
  schema: jsonSchema(issuedTokenSchema, 'output'),
};
const TOKEN_ID = { name: 'id', in: 'path', required: true, schema: { type: 'string' } } as const;

/** The signed-in person's personal access tokens. */
@Controller('v1/tokens')
@UseInterceptors(StrictQuery)
export class TokensController {
  constructor(
    private readonly tokens: PatService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get()
  @Access('session')
  @Describe({
    summary: 'Your tokens',
    answers: [
      { status: 200, description: 'Newest first, ended ones too.', schema: jsonSchema(tokenListSchema, 'output') },
    ],
  })
  @Header('cache-control', 'no-store')
  async list(@CurrentSession() { userId }: Session): Promise<{ tokens: TokenView[] }> {
    return { tokens: (await this.tokens.list(userId)).map(tokenView) };
  }

  @Post()
  @Access('session+csrf')
  @Describe({
    summary: 'Create a token',
    body: { schema: dtoSchema(CreateTokenDto), required: true },
    answers: [ISSUED],
    errors: [...UPSTREAM_ERRORS, 'session_too_old', 'token_limit_reached', 'user_unknown'],
  })
  @Header('cache-control', 'no-store')
  async create(@CurrentSession() session: Session, @Body() body: CreateTokenDto): Promise<IssuedTokenView> {
    return issuedTokenView(
      await this.tokens.create(
        session.origin,
        {
          name: body.name,
          scopes: body.scopes,
          expiresInDays: body.expires_in_days,
          maxTradeUsdt: body.max_trade_usdt,
          writePolicy: body.write_policy,
        },
        { mayGrantWrites: mayGrantWrites(session, this.config) },
      ),
    );
  }

  @Delete(':id')
  @Access('session+csrf')
  @Describe({
    summary: 'Revoke a token',
    description: 'At once, on every instance.',
    parameters: [TOKEN_ID],
    answers: [{ status: 204, description: 'It is revoked.' }],
  })
  @HttpCode(204)
  async revoke(@CurrentSession() { origin }: Session, @Param('id') id: string): Promise<void> {
    await this.tokens.revoke(origin, id);
  }

  @Post(':id/rotate')
  @Access('session+csrf')
  @Describe({
    summary: 'Replace a token by a new one',
    description: 'The old one lives on for the grace, and its action tokens end.',
    parameters: [TOKEN_ID],
    body: { schema: dtoSchema(RotateTokenDto), required: false },
    answers: [ISSUED],
    errors: [...UPSTREAM_ERRORS, 'session_too_old', 'token_limit_reached', 'token_not_live', 'user_unknown'],
  })
  @Header('cache-control', 'no-store')
  async rotate(
    @CurrentSession() session: Session,
    @Param('id') id: string,
    @Body() body: RotateTokenDto,
  ): Promise<IssuedTokenView> {
    const grace = body.grace_minutes ?? 0;
    return issuedTokenView(await this.tokens.rotate(session.origin, id, grace, mayGrantWrites(session, this.config)));
  }
}
