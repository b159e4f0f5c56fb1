import { TextField } from '../page/fields.js';

export interface DeviceCodePageProps {
  readonly userCode: string;
  readonly csrfToken: string;
  readonly error?: string | undefined;
  /** Fields that the form after this one is to open with. */
  readonly draft: readonly (readonly [name: string, value: string])[];
}

/** Where the code of a device is typed. */
export function DeviceCodePage({ userCode, csrfToken, error, draft }: DeviceCodePageProps) {
  return (
    <section class="narrow">
      <p class="label">Connect a device</p>
      <h1>Which code does it show?</h1>
      <p class="lead">
        Type the code only if you started this yourself, on a device in front of you. If somebody sent you a code, it is
        theirs: whoever owns the code gets access to your account.
      </p>
      <form class="token-form" method="post" action="/oauth/device" novalidate>
        <input type="hidden" name="csrf_token" value={csrfToken} />
        {draft.map(([name, value], index) => (
          <input key={index} type="hidden" name={name} value={value} />
        ))}
        <TextField
          name="user_code"
          label="Code"
          hint="Eight letters, e.g. BCDF-GHJK."
          value={userCode}
          error={error}
          autofocus={error !== undefined}
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
