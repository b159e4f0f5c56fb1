import { once } from 'node:events';
import { createServer } from 'node:net';
import { createEnvironment, type Environment, type Reachable } from '../support/app.js';
import { type ServiceProcess, startServiceProcess } from '../support/service-process.js';
import { Wire } from '../support/wire.js';
import { Nginx } from './nginx.js';

/** Three instances in processes of their own behind a real nginx, on one database behind a wire that can be cut. */
export class Fleet {
  private constructor(
    readonly environment: Environment,
    readonly nginx: Nginx,
    /** Cuts every instance off the database; the instances have no other way to it. */
    readonly wire: Wire,
    readonly ports: readonly number[],
    private readonly instances: (ServiceProcess | undefined)[],
  ) {}

  /** The one address that clients know. */
  get front(): Reachable {
    return { url: this.nginx.url, config: { publicUrl: this.nginx.url } };
  }

  static async start(): Promise<Fleet> {
    const [front, ...ports] = await freePorts(4);
    const environment = await createEnvironment({
      PUBLIC_URL: `http://127.0.0.1:${front}`,
      TRUST_PROXY: '1',
      MIGRATE_ON_START: 'false',
      COMMITS_PER_HOUR: '1000000',
      RATE_LIMIT_PER_MINUTE: '1000000',
    });
    const wire = await Wire.to(environment.database.url);
    const nginx = await Nginx.start(front!, ports);
    const fleet = new Fleet(environment, nginx, wire, ports, []);
    // One after the other: three at once are slower on a small machine.
    for (const number of ports.keys()) await fleet.boot(number);
    return fleet;
  }

  /** Starts an instance at its place; resolves when it is ready. */
  async boot(number: number): Promise<void> {
    this.instances[number] = await startServiceProcess({
      ...this.environment.variables,
      DATABASE_URL: this.wire.url,
      PORT: String(this.ports[number]),
    });
  }

  /** @returns the exit code; null after a kill */
  async end(number: number, signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const { code } = await this.instances[number]!.kill(signal);
    return code;
  }

  /** An instance itself, past nginx. */
  at(number: number): string {
    return this.instances[number]!.url;
  }

  async stop(): Promise<void> {
    await Promise.all(this.instances.map(async (instance) => instance?.kill('SIGTERM')));
    await this.nginx.stop();
    await this.wire.stop();
    await this.environment.drop();
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map(async (server) => server.listening || once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map(async (server) => once(server.close(), 'close')));
  return ports;
}
