import { Writable } from 'node:stream';

/**
 * Makes standard output the protocol's alone: whatever else in this process writes there lands on standard error.
 * @returns the only stream that still reaches standard output
 */
export function claimStandardOutput(): Writable {
  const { stdout, stderr } = process;
  const write = stdout.write.bind(stdout);
  stdout.write = stderr.write.bind(stderr);
  const protocol = new Writable({
    write: (chunk: Buffer, _encoding, callback) => void write(chunk, (error) => callback(error)),
  });
  // The client closed its end (EPIPE).
  stdout.on('error', (error) => protocol.destroy(error));
  return protocol;
}
