import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** How long a connection that was just made may still send its first request. */
const FIRST_REQUEST_MS = 1_000;

/** Has nothing idle keep a draining instance, and loses nothing that a client sent before the listener closed. */
export function closeIdleWhileDraining(fastify: FastifyInstance): void {
  // Node closes what is idle between two requests; a connection that never sent one counts as busy there.
  const silent = new Set<Socket>();
  fastify.server.on('connection', (socket: Socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  fastify.server.on('request', ({ socket }) => silent.delete(socket));

  let draining = false;
  fastify.addHook('preClose', (done) => {
    draining = true;
    // The listener closes next. Right after the event loop has polled, no connection that the kernel already accepted is
    // left in its queue, to be reset by the close.
    setImmediate(done);
    setTimeout(() => {
      for (const socket of silent) if (socket.bytesRead === 0) socket.destroy();
    }, FIRST_REQUEST_MS).unref();
  });

  fastify.addHook('onResponse', (_request, _reply, done) => {
    // Connections idle at the start of draining are closed by then; those that were busy become idle only now.
    if (draining) setImmediate(() => fastify.server.closeIdleConnections());
    done();
  });
}
