import { IsNumber, IsOptional } from 'class-validator';

/** Body of `POST /v1/tokens/{id}/rotate`; it may be left out. */
export class RotateTokenDto {
  /** How long the old token lives on: 0 (default) to 1440 minutes. */
  @IsOptional()
  @IsNumber({}, { message: 'must be a number' })
  grace_minutes?: number | null;
}
