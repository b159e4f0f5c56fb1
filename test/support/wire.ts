import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

const POSTGRES_PORT = 5432;

/** A wire to the database that can be cut and mended. */
export class Wire {
  private readonly sockets = new Set<Socket>();
  private open = true;

  private constructor(
    private readonly server: Server,
    /** The database's address at the end of this wire. */
    readonly url: string,
  ) {}

  /** Lays one on loopback to the server that a database's address names. */
  static async to(databaseUrl: string): Promise<Wire> {
    const target = new URL(databaseUrl);
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = new URL(target);
    url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const wire = new Wire(server, url.toString());
    server.on('connection', (client) => wire.join(client, target));
    return wire;
  }

  /** Breaks every connection and takes no new one. */
  cut(): void {
    this.open = false;
    for (const socket of this.sockets) socket.destroy();
  }

  mend(): void {
    this.open = true;
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(client: Socket, { port, hostname }: URL): void {
    if (!this.open) {
      client.destroy();
      return;
    }
    const database = connect(Number(port || POSTGRES_PORT), hostname);
    for (const [from, to] of [
      [client, database],
      [database, client],
    ] as const) {
      this.sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy()).on('close', () => (this.sockets.delete(from), to.destroy()));
    }
  }
}
