/** An address that makes an application on this computer add our server. */
export interface InstallLink {
  readonly client: string;
  readonly href: string;
}

const NAME = 'tradecafe';

/**
 * Links that Cursor and VS Code register for themselves; both ask before they add anything.
 * @param token goes along, so that the server works at once
 */
export function installLinks(apiPublicUrl: string, token: string): readonly InstallLink[] {
  const url = `${apiPublicUrl}/mcp`;
  const headers = { Authorization: `Bearer ${token}` };
  const cursor = new URLSearchParams({ name: NAME, config: base64({ url, headers }) });
  const vscode = encodeURIComponent(JSON.stringify({ name: NAME, type: 'http', url, headers }));
  return [
    { client: 'Cursor', href: `cursor://anysphere.cursor-deeplink/mcp/install?${cursor}` },
    { client: 'VS Code', href: `vscode:mcp/install?${vscode}` },
  ];
}

function base64(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64');
}
