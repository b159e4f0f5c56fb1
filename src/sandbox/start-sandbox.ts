import { createServer, type Server } from 'node:http';
import { refusal } from './answer.js';
import { send } from './http-io.js';
import { handleRequest } from './request-handler.js';
import { SandboxControl, type InitialSettings } from './sandbox-control.js';

export interface SandboxOptions extends InitialSettings {
  /** 0: any free one. */
  port: number;
  /** HS256 secret of the bearers. */
  jwtSecret: string;
}

export interface Sandbox {
  /** `http://127.0.0.1:PORT/api` */
  readonly baseUrl: string;
  /** `http://127.0.0.1:PORT/__sandbox` */
  readonly controlUrl: string;
  readonly port: number;
  /** What the control routes do, for tests in the same process. */
  readonly control: SandboxControl;
  /** Cuts every connection and frees the port; a second call does nothing. */
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
/** Longer than any client keeps an idle connection, so that the client is always the one to close it. */
const KEEP_ALIVE_MS = 120_000;

/**
 * Starts the stand-in for pwa-be on loopback. Data, settings and journal live in memory and are the same at every start.
 * @throws NodeJS.ErrnoException EADDRINUSE and the like when the port cannot be had
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const control = new SandboxControl(options);
  const secret = new TextEncoder().encode(options.jwtSecret);
  const server = createServer((request, response) => {
    // Where the request belongs; a reset gives later ones another.
    const { signal } = control;
    handleRequest(control, secret, request, response).catch((error: unknown) => {
      const cutOff = signal.aborted || request.destroyed || response.headersSent;
      if (cutOff) response.destroy();
      else send(response, refusal(500, `The sandbox itself failed: ${String(error)}`));
    });
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const port = await listen(server, options.port);
  return {
    baseUrl: `http://${HOST}:${port}/api`,
    controlUrl: `http://${HOST}:${port}/__sandbox`,
    port,
    control,
    stop: () => stop(server, control),
  };
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The sandbox has no port');
  return address.port;
}

async function stop(server: Server, control: SandboxControl): Promise<void> {
  control.abort();
  if (!server.listening) return;
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
