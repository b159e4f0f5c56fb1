import type { Config } from './config.js';

/** What a newcomer reads once the service is up: the three addresses, and how to get in. */
export function greeting(config: Config): string {
  const base = config.publicUrl;
  const lines = [
    '',
    `  TradeCafe MCP backend is ready (${config.mode === 'mock' ? 'synthetic data, no real account' : 'live'}).`,
    '',
    `  MCP endpoint   ${config.apiPublicUrl}/mcp`,
    `  Settings page  ${base}/settings/tokens`,
    `  Documentation  ${base}/docs`,
    '',
    config.mode === 'mock'
      ? `  Open the settings page, sign in as "demo" (no password) and create a token, or from a shell:\n  npm run --silent tokens -- create --user usr_demo_8f3a91 --name "My laptop" --scopes "read:account read:positions"`
      : `  Sign in at ${config.session.loginUrl}, open the settings page and create a token.`,
    '',
    '',
  ];
  return lines.join('\n');
}
