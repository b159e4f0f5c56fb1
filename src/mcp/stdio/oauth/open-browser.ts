import { spawn } from 'node:child_process';

/** Each system's way to open an address in the person's browser; none of them goes through a shell. */
const OPENERS: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/**
 * Opens an address in the default browser, if there is one: nobody can know.
 * @param url http or https
 * @param onFailure called when the program that opens browsers cannot be started
 */
export function openBrowser(url: URL, onFailure: (error: Error) => void): void {
  const [command, ...args] = OPENERS[process.platform] ?? ['xdg-open'];
  // Nothing of it may reach standard output, which is the protocol.
  const child = spawn(command, [...args, url.href], { detached: true, stdio: 'ignore' });
  child.once('error', onFailure);
  child.unref();
}
