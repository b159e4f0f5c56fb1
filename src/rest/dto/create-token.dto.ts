import { IsArray, IsIn, IsNumber, IsOptional, IsString } from 'class-validator';
import type { WritePolicy } from '../../auth/principal.js';

/** Body of `POST /v1/tokens`: which fields there are and of which type; their values are PatService's to judge. */
export class CreateTokenDto {
  /** 1 to 60 characters. */
  @IsString({ message: 'must be a string' })
  name: string;

  /** At least one of the scopes that exist. */
  @IsArray({ message: 'must be a list of scopes' })
  @IsString({ each: true, message: 'must be a list of scopes' })
  scopes: string[];

  /** 1 to 3650; absent or null: the token does not expire. */
  @IsOptional()
  @IsNumber({}, { message: 'must be a number' })
  expires_in_days?: number | null;

  /** Largest approval in USDT, above 0, at most two decimals; absent or null: no cap. */
  @IsOptional()
  @IsNumber({}, { message: 'must be a number' })
  max_trade_usdt?: number | null;

  @IsOptional()
  @IsIn(['token_only', 'human_required'], { message: 'must be token_only or human_required' })
  write_policy?: WritePolicy | null;
}
