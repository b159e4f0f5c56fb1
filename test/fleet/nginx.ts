import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../support/until.js';

const EXAMPLE = new URL('../../deploy/nginx.conf', import.meta.url);

/** Whether this machine has nginx (Debian: nginx-light). */
export const HAS_NGINX = spawnSync('nginx', ['-v']).status === 0;

/** A real nginx with deploy/nginx.conf in front of instances on loopback. */
export class Nginx {
  private constructor(
    private readonly directory: string,
    private readonly child: ChildProcess,
    private readonly port: number,
    private readonly ports: readonly number[],
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** @param port where it listens @param ports where the instances do; they need not be up yet */
  static async start(port: number, ports: readonly number[]): Promise<Nginx> {
    const directory = await mkdtemp(join(tmpdir(), 'tradecafe-nginx-'));
    await writeFile(join(directory, 'nginx.conf'), await configuration(directory, port, ports));
    const child = spawn('nginx', ['-c', join(directory, 'nginx.conf'), '-g', 'daemon off;'], { stdio: 'ignore' });
    const nginx = new Nginx(directory, child, port, ports);
    const answers = async (): Promise<boolean> =>
      fetch(nginx.url).then(
        () => true,
        () => false,
      );
    if (!(await until(answers, Boolean, 20_000))) throw new Error('nginx did not start');
    return nginx;
  }

  /** Sends new requests to these instances only; requests in flight end where they are. */
  async routeTo(ports: readonly number[]): Promise<void> {
    await writeFile(
      join(this.directory, 'nginx.conf'),
      await configuration(this.directory, this.port, this.ports, ports),
    );
    this.child.kill('SIGHUP');
    // The new worker answers with its own header: nginx says nowhere else that a reload is done.
    const generation = ports.join('-');
    await until(
      async () => (await fetch(this.url, { redirect: 'manual' }).catch(() => undefined))?.headers.get('x-generation'),
      (seen) => seen === generation,
      20_000,
    );
  }

  /** What nginx had to say about the instances, but for those that it did not reach: it went on to the next. */
  async log(): Promise<string[]> {
    const lines = (await readFile(join(this.directory, 'error.log'), 'utf8')).split('\n');
    return lines.filter((line) => line.includes('[error]') && !line.includes('Connection refused'));
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null) {
      const ended = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      await ended;
    }
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** The example, with this test's ports, and everything that it writes in a folder of its own. */
async function configuration(
  directory: string,
  port: number,
  ports: readonly number[],
  up: readonly number[] = ports,
): Promise<string> {
  const example = await readFile(EXAMPLE, 'utf8');
  const servers = ports.map(
    (each) => `server 127.0.0.1:${each} ${up.includes(each) ? 'max_fails=1 fail_timeout=1s' : 'down'};`,
  );
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return [
    `pid ${join(directory, 'pid')};\nerror_log ${join(directory, 'error.log')} warn;`,
    example
      .replace(/(\s*server 127\.0\.0\.1:\d+ [^;]*;)+/, `\n${servers.join('\n')}`)
      .replace(/listen [^;]+;/, `listen 127.0.0.1:${port};\nadd_header X-Generation ${up.join('-')} always;`)
      .replace(
        'http {',
        `http {\naccess_log off;\n${kinds.map((kind) => `${kind}_temp_path ${directory}/${kind};`).join('\n')}`,
      ),
  ].join('\n');
}
