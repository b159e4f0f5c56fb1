import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Certified } from '../../pwa-be/support/certificates.js';

/** A client's web server, on loopback: `/redirect`, `/large` and `/slow` misbehave, the rest answers with its path. */
export class MetadataServer {
  readonly paths: string[] = [];
  /** Also those that never became a request. */
  connections = 0;

  private constructor(private readonly server: Server) {}

  static async start(certificate: Certified): Promise<MetadataServer> {
    const server = createServer({ cert: certificate.cert, key: certificate.key });
    const self = new MetadataServer(server);
    server.on('connection', () => (self.connections += 1));
    server.on('request', ({ url = '' }, response) => {
      self.paths.push(url);
      if (url === '/redirect') response.writeHead(302, { location: '/elsewhere' }).end();
      else if (url === '/large') response.end('x'.repeat(6 * 1024));
      else if (url === '/slow') response.write('{');
      else response.end(JSON.stringify({ path: url }));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return self;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
