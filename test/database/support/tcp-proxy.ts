import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between a client and PostgreSQL, and misbehaves on demand. */
export interface TcpProxy {
  /** The database's address through the proxy. */
  readonly url: string;
  /** Cuts all connections and refuses new ones until `restore`. */
  cut(): void;
  /** Keeps connections open but passes nothing on, in either direction, like a host that lost its power. */
  freeze(): void;
  /** Passes everything on again; frozen connections stay dead. */
  restore(): void;
  close(): Promise<void>;
}

/** Starts a proxy on a free port in front of a database. */
export async function startTcpProxy(databaseUrl: string): Promise<TcpProxy> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let generation = 0;
  let mode: 'pass' | 'cut' | 'freeze' = 'pass';
  const server = createServer((client) => {
    if (mode === 'cut') {
      client.resetAndDestroy();
      return;
    }
    const born = generation;
    const passes = (): boolean => mode === 'pass' && born === generation;
    const upstream = connect(Number(target.port || 5432), target.hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('data', (data) => passes() && to.write(data));
      from.on('error', () => from.destroy());
      from.on('close', () => {
        sockets.delete(from);
        if (passes()) to.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const hangUp = (): void => sockets.forEach((socket) => socket.destroy());
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url.toString(),
    cut() {
      mode = 'cut';
      hangUp();
    },
    freeze() {
      mode = 'freeze';
    },
    restore() {
      if (mode === 'freeze') generation++;
      mode = 'pass';
    },
    async close() {
      hangUp();
      await new Promise((closed) => server.close(closed));
    },
  };
}
