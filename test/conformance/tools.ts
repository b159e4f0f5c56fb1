import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
const modules = `${folder}node_modules`;

/** What the tools of this folder's package.json want. */
const NEEDED_NODE = [22, 19] as const;

/** Programs of others that are run against the service. */
export interface Tools {
  /** A Node that they run on. */
  readonly node: string;
  readonly conformance: string;
  /** The suite's frozen lists of what each revision requires. */
  readonly requirements: string;
  readonly inspector: string;
  readonly mcpRemote: string;
}

/** Installs what this folder's lock file names, once. */
export function installTools(): Tools {
  const stamp = `${modules}/.installed`;
  const digest = createHash('sha256')
    .update(readFileSync(`${folder}package-lock.json`))
    .digest('hex');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== digest) {
    process.stderr.write('Installing the conformance suite and the clients (once, about a minute)…\n');
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    const { status } = spawnSync(npm, args, {
      cwd: folder,
      stdio: ['ignore', 2, 2],
      shell: process.platform === 'win32',
    });
    if (status !== 0) throw new Error('npm ci in test/conformance failed');
    writeFileSync(stamp, digest);
  }
  const suite = `${modules}/@modelcontextprotocol/conformance`;
  return {
    node: nodeToUse(),
    conformance: `${suite}/dist/index.js`,
    requirements: `${suite}/requirements`,
    inspector: `${modules}/@modelcontextprotocol/inspector/clients/launcher/build/index.js`,
    mcpRemote: `${modules}/mcp-remote/dist/proxy.js`,
  };
}

/** The running Node where it is new enough, else the one that came from npm. */
function nodeToUse(): string {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [neededMajor, neededMinor] = NEEDED_NODE;
  if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) return process.execPath;
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const binary = `${modules}/node-${platform}-${process.arch}/bin/node${process.platform === 'win32' ? '.exe' : ''}`;
  if (existsSync(binary)) return binary;
  throw new Error(`The conformance suite needs Node ${NEEDED_NODE.join('.')} or newer; npm has none for this machine.`);
}
