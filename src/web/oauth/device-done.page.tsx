export interface DeviceDonePageProps {
  readonly allowed: boolean;
}

/** The end of the device flow in the browser. */
export function DeviceDonePage({ allowed }: DeviceDonePageProps) {
  return (
    <section class="narrow">
      <p class="label">Connect a device</p>
      <h1>{allowed ? 'The device is connected.' : 'The device was refused.'}</h1>
      <p class="lead">You can close this page{allowed ? ' and go on there' : ''}.</p>
      {allowed && (
        <p class="hint">
          You can end this at any time: it is listed <a href="/settings/apps">among your apps</a>.
        </p>
      )}
    </section>
  );
}
