import { AppError } from '../errors/app-error.js';

/** The no to a write while the user has stopped all writes: since when, and where they go on. */
export function accountFrozen(frozenAt: Date, settingsUrl: string): AppError {
  const since = frozenAt.toISOString();
  return new AppError('account_frozen', {
    detail: `All writes of this account were stopped at ${since}. The user can resume them at ${settingsUrl}.`,
    data: { frozen_at: since, settings_url: settingsUrl },
  });
}
