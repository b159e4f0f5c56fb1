import type { ConsentRequest, Destination } from '../../auth/oauth/consent/consent-request.js';

interface AppIdentityProps {
  readonly request: ConsentRequest;
  readonly userCode: string | undefined;
  readonly userName: string;
}

/** What is known of the app, what is only its own claim, and where the answer goes. */
export function AppIdentity({ request, userCode, userName }: AppIdentityProps) {
  return (
    <>
      {!request.verified && (
        <p>
          <span class="chip chip-warn">Not verified</span>
        </p>
      )}
      <p class="lead">
        You are signed in as <strong>{userName}</strong>. {claim(request)}
      </p>
      <dl class="facts">
        <div>
          <dt class="label">Your answer goes to</dt>
          <dd>{request.destination === null ? 'the device that shows this code' : place(request.destination)}</dd>
        </div>
        {request.clientHost !== null && (
          <div>
            <dt class="label">Published at</dt>
            <dd>{request.clientHost}</dd>
          </div>
        )}
        {userCode !== undefined && (
          <div>
            <dt class="label">The device must show</dt>
            <dd>
              <code class="user-code">{userCode}</code>
            </dd>
          </div>
        )}
      </dl>
    </>
  );
}

function claim({ verified, clientHost }: ConsentRequest): string {
  if (verified) return 'This is the TradeCafe client for AI apps, run by whoever started it.';
  if (clientHost !== null) return 'TradeCafe has not verified this app; only where it is published is certain.';
  return 'TradeCafe has not verified this app: it chose its name itself, and it may be another one than it says.';
}

function place({ kind, name }: Destination): string {
  switch (kind) {
    case 'this_computer':
      return `a program on this computer (${name})`;
    case 'website':
      return `the website ${name}`;
    case 'app':
      return `an app on this device that opens ${name}: links`;
  }
}
