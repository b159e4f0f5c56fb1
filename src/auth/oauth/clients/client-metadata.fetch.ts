import { lookup } from 'node:dns/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { isIP } from 'node:net';
import { Injectable } from '@nestjs/common';
import { isPublicAddress } from './public-address.js';

/** Draft-ietf-oauth-client-id-metadata-document §6.6. */
const MAX_BYTES = 5 * 1024;
const PATIENCE_MS = 2_500;

/** Where a name leads. */
interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** How the outside is reached; tests give their own. */
interface Reach {
  resolve(hostname: string): Promise<readonly ResolvedAddress[]>;
  allows(address: string): boolean;
  /** PEM certificates to trust instead of the system's. */
  readonly ca?: string;
  /** Where servers listen; 443 unless a test says otherwise. */
  readonly port?: number;
}

const INTERNET: Reach = {
  resolve: (hostname) => lookup(hostname, { all: true }),
  allows: isPublicAddress,
};

/**
 * Fetches Client ID Metadata Documents, at addresses that strangers choose. The order is the policy: a plain https
 * address; its name resolved once; every answer public; the connection to the very address that was checked (so that a
 * second answer of the name server changes nothing); no redirect; 5 kB; 2.5 s for all of it.
 */
@Injectable()
export class ClientMetadataFetch {
  /** @throws Error when it must not or cannot be fetched */
  async fetch(address: string, reach: Reach = INTERNET): Promise<Response> {
    const url = plainAddress(address);
    const target = await checkedTarget(url.hostname, reach);
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const answer = await get(url, target, reach, signal);
    const body = await readAll(answer);
    const headers = new Headers();
    for (const name of ['cache-control', 'expires', 'content-type']) {
      const value = answer.headers[name];
      if (typeof value === 'string') headers.set(name, value);
    }
    // A Response with one of these statuses must not have a body; whatever is not 200 is refused by its status.
    const status = answer.statusCode ?? 500;
    return new Response(status === 200 ? body : null, { status: status < 200 ? 500 : status, headers });
  }
}

function plainAddress(address: string): URL {
  const url = new URL(address);
  const literal = isIP(url.hostname.replace(/^\[|\]$/g, '')) !== 0;
  if (url.protocol === 'https:' && url.port === '' && !literal && url.hostname.includes('.')) return url;
  throw new Error('a client id must be an https address on a public name and the usual port');
}

async function checkedTarget(hostname: string, reach: Reach): Promise<ResolvedAddress> {
  const addresses = await reach.resolve(hostname);
  const [first] = addresses;
  if (first !== undefined && addresses.every(({ address }) => reach.allows(address))) return first;
  throw new Error('the name does not lead to public addresses');
}

/** Names what `url` names to the server, and connects to `target` alone. */
function get(url: URL, target: ResolvedAddress, { ca, port }: Reach, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(url, {
      agent: false,
      signal,
      ca,
      port,
      headers: { accept: 'application/json' },
      lookup: (_hostname, options, callback) => {
        if (options.all === true) callback(null, [{ ...target }]);
        else callback(null, target.address, target.family);
      },
    })
      .once('response', resolve)
      .once('error', reject)
      .end();
  });
}

async function readAll(answer: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BYTES) {
      answer.destroy();
      throw new Error('the document is too large');
    }
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
