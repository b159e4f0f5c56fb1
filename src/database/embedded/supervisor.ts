import { type ServerOptions, startServer } from './server-process.js';

/** A server that is started again, on the same port, when it ends unasked (somebody killed it, memory ran out). */
export interface SupervisedServer {
  readonly port: number;
  /** Ends it for good; harmless when repeated. */
  stop(): Promise<void>;
}

/** Starts a server and watches over it. */
export async function superviseServer(options: ServerOptions): Promise<SupervisedServer> {
  let server = await startServer(options);
  const { port } = server;
  let stopping = false;

  async function supervise(): Promise<void> {
    for (;;) {
      const lastWords = await server.ended;
      if (stopping) return;
      process.emitWarning(`The embedded database ended unasked and is started again: ${lastWords.slice(-500)}`);
      server = await startServer({ ...options, port });
      if (stopping) await server.stop();
    }
  }
  // Given up: every request that needs the database says so, and a new start of this process tries afresh.
  const supervision = supervise().catch((error: Error) => process.emitWarning(error));

  return {
    port,
    async stop() {
      stopping = true;
      await server.stop();
      await supervision;
    },
  };
}
