import { type ArgumentMetadata, Injectable, ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { type FieldError, invalidFields } from '../auth/field-errors.js';
import { AppError } from '../errors/app-error.js';

/** The pipe of every REST body: an unknown field is an error that names it, as is every field of a wrong type. */
@Injectable()
export class BodyValidation extends ValidationPipe {
  constructor() {
    super({
      transform: true,
      whitelist: true,
      forbidNonWhitelisted: true,
      stopAtFirstError: true,
      exceptionFactory: (errors) => invalidFields(errors.flatMap((error) => fieldErrors(error, ''))),
    });
  }

  /** @throws AppError invalid_request */
  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type !== 'body') return (await super.transform(value, metadata)) as unknown;
    const missing = value === undefined || value === null;
    // The library would judge a list by its members, and take anything else for an object without fields.
    if (!missing && (typeof value !== 'object' || Array.isArray(value))) throw noObject();
    try {
      return (await super.transform(value, metadata)) as unknown;
    } catch (error) {
      // What is not there may be left out or not; its fields are not what is wrong.
      throw missing ? noObject() : error;
    }
  }
}

function noObject(): AppError {
  return new AppError('invalid_request', {
    detail: 'The body must be a JSON object.',
    data: { errors: [{ path: '', message: 'must be a JSON object' }] },
  });
}

function fieldErrors(error: ValidationError, parent: string): FieldError[] {
  const path = parent === '' ? error.property : `${parent}.${error.property}`;
  const own = Object.entries(error.constraints ?? {}).map(([rule, message]) => ({
    path,
    message: wording(rule, message),
  }));
  return [...own, ...(error.children ?? []).flatMap((child) => fieldErrors(child, path))];
}

/** The library's own sentences repeat the field's name, which the path says already. */
function wording(rule: string, message: string): string {
  if (rule === 'whitelistValidation') return 'is not a field of this request';
  return message;
}
