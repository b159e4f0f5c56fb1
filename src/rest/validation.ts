import { ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { type FieldError, invalidFields } from '../auth/field-errors.js';

/** The pipe of every REST body: an unknown field is an error that names it, as is every field of a wrong type. */
export function createValidationPipe(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    stopAtFirstError: true,
    exceptionFactory: (errors) => invalidFields(errors.flatMap((error) => fieldErrors(error, ''))),
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
  if (rule === 'isObject') return 'must be a JSON object';
  return message;
}
