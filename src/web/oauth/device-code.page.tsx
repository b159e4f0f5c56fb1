import { TextField } from '../page/fields.js';

export interface DeviceCodePageProps {
  readonly userCode: string;
  readonly csrfToken: string;
  readonly error?: string;
}

/** Where the code of a device is typed. */
export function DeviceCodePage({ userCode, csrfToken, error }: DeviceCodePageProps) {
  return (
    <section class="narrow">
      <p class="label">Connect a device</p>
      <h1>Which code does it show?</h1>
      <p class="lead">
        Type the code only if you started this yourself, on a device in front of you. If somebody sent you a code, it is
        theirs: whoever owns the code gets access to your account.
      </p>
      <form class="token-form" method="post" action="/oauth/device">
        <input type="hidden" name="csrf_token" value={csrfToken} />
        <TextField
          name="user_code"
          label="Code"
          hint="Eight letters, e.g. BCDF-GHJK."
          value={userCode}
          error={error}
          maxLength={32}
          required
        />
        <p class="actions">
          <button class="button" type="submit">
            Continue
          </button>
        </p>
      </form>
    </section>
  );
}
