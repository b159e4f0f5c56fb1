import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/**
 * Stands between a service and PostgreSQL and notes each round trip: a client waits for an answer after every Sync and
 * every simple Query (PostgreSQL, Frontend/Backend Protocol, Message Flow).
 * @param onRoundTrip gets the text of the statements that travelled together, and the number of their connection
 */
export async function startPostgresProxy(databaseUrl, onRoundTrip) {
  const target = new URL(databaseUrl);
  let connections = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port || 5432), target.hostname);
    const connection = (connections += 1);
    const read = frontendReader((text) => onRoundTrip(text, connection));
    client.on('data', (chunk) => {
      read(chunk);
      upstream.write(chunk);
    });
    upstream.pipe(client);
    client.once('close', () => upstream.destroy()).once('error', () => upstream.destroy());
    upstream.once('close', () => client.destroy()).once('error', () => client.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${server.address().port}`;
  return { url: url.toString(), stop: () => server.close() };
}

/** Reads what a client sends: one start-up message without a type, then typed ones. */
function frontendReader(onRoundTrip) {
  const named = new Map();
  let started = false;
  let rest = Buffer.alloc(0);
  let texts = [];
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const header = started ? 1 : 0;
      if (rest.length < header + 4) return;
      const end = header + rest.readInt32BE(header);
      if (rest.length < end) return;
      if (started) message(String.fromCharCode(rest[0]), rest.subarray(5, end));
      started = true;
      rest = rest.subarray(end);
    }
  };

  function message(type, body) {
    const [first = '', second = ''] = body.toString('utf8').split('\0');
    if (type === 'P') named.set(first, second);
    // Bind names its portal, then its statement.
    if (type === 'B') texts.push(named.get(second) ?? '');
    if (type === 'Q') texts.push(first);
    if (type !== 'S' && type !== 'Q') return;
    onRoundTrip(texts.join('; '));
    texts = [];
  }
}
