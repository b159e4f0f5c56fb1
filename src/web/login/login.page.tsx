import { DEMO_USERS } from '../../config/demo.js';

export interface LoginPageProps {
  /** Where to go afterwards; a path of ours. */
  readonly next: string;
  /** What was wrong with the form that was sent. */
  readonly error?: string;
}

/** Mock mode's sign-in: who to be, no password. */
export function LoginPage({ next, error }: LoginPageProps) {
  return (
    <section class="narrow">
      <p class="label">Sandbox sign-in</p>
      <h1>Who would you like to be?</h1>
      <p class="lead">
        Everything behind this page is synthetic. There is no password, no account and no money: pick a demo user and
        look around.
      </p>
      <form method="post" action="/login">
        <input type="hidden" name="next" value={next} />
        {error !== undefined && (
          <p class="field-error" role="alert">
            {error}
          </p>
        )}
        <div class="choices">
          {DEMO_USERS.map(({ login, displayName, about }) => (
            <button key={login} class="choice" type="submit" name="user" value={login}>
              <span class="choice-title">{displayName}</span>
              <span class="choice-text">{about}</span>
              <span class="label">{login}</span>
            </button>
          ))}
        </div>
      </form>
    </section>
  );
}
