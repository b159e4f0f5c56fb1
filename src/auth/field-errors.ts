import { AppError } from '../errors/app-error.js';

/** One thing that is wrong with a request: its field as the public interface names it, and what it must be. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

/** The `invalid_request` that names every wrong field, for people in the detail and for programs in `data.errors`. */
export function invalidFields(errors: readonly FieldError[]): AppError {
  const detail = errors.map(({ path, message }) => `${path} ${message}`).join('; ');
  return new AppError('invalid_request', { detail: `${detail}.`, data: { errors } });
}
