import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/**
 * Stands between a service and PostgreSQL and notes each round trip: what a client sends from when it waits for no answer
 * until the first answer comes. Every Sync and every simple Query is answered by one ReadyForQuery (PostgreSQL,
 * Frontend/Backend Protocol, Message Flow); in a pipeline several are under way at once.
 * @param onRoundTrip gets `{text, connection}`: the statements that travel together (more may be added to the text while they
 *   do), and the number of their connection
 */
export async function startPostgresProxy(databaseUrl, onRoundTrip) {
  const target = new URL(databaseUrl);
  let connections = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port || 5432), target.hostname);
    const connection = (connections += 1);
    let waitedFor = 0;
    let trip;
    const sent = messageReader(
      false,
      statementReader((text) => {
        if (waitedFor > 0) trip.text += `; ${text}`;
        else onRoundTrip((trip = { text, connection }));
        waitedFor += 1;
      }),
    );
    const answered = messageReader(true, (type) => {
      if (type === 'Z' && waitedFor > 0) waitedFor -= 1;
    });
    client.on('data', (chunk) => {
      sent(chunk);
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      answered(chunk);
      client.write(chunk);
    });
    client.once('close', () => upstream.destroy()).once('error', () => upstream.destroy());
    upstream.once('close', () => client.destroy()).once('error', () => client.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${server.address().port}`;
  return { url: url.toString(), stop: () => server.close() };
}

/**
 * Takes messages apart.
 * @param typed whether the first one has a type: a client's start-up message has none
 */
function messageReader(typed, onMessage) {
  let isTyped = typed;
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const header = isTyped ? 1 : 0;
      if (rest.length < header + 4) return;
      const end = header + rest.readInt32BE(header);
      if (rest.length < end) return;
      if (isTyped) onMessage(String.fromCharCode(rest[0]), rest.subarray(5, end));
      isTyped = true;
      rest = rest.subarray(end);
    }
  };
}

/** Reads what a client sends. @param onStatements gets the text of the statements up to each Sync, or of a simple Query */
function statementReader(onStatements) {
  const named = new Map();
  let texts = [];
  return (type, body) => {
    const [first = '', second = ''] = body.toString('utf8').split('\0');
    if (type === 'P') named.set(first, second);
    // Bind names its portal, then its statement.
    if (type === 'B') texts.push(named.get(second) ?? '');
    if (type === 'Q') texts.push(first);
    if (type !== 'S' && type !== 'Q') return;
    onStatements(texts.join('; '));
    texts = [];
  };
}
