import { isIPv4, isIPv6 } from 'node:net';

const V4 = /^(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}(?:\/24)?$/;
const MAPPED = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i;

/** Few addresses stand in many rows. */
const known = new Map<string, string | null>();
const MAX_KNOWN = 10_000;

/**
 * What is left of an address when it is truncated: its /24, or /48 for IPv6; null for what is no address. Of a result
 * of its own it makes the same again.
 */
export function networkOf(address: string | null): string | null {
  if (address === null) return null;
  const seen = known.get(address);
  if (seen !== undefined) return seen;
  const network = truncate(address);
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(address, network);
  return network;
}

function truncate(address: string): string | null {
  const plain = MAPPED.exec(address)?.[1] ?? address;
  const v4 = V4.exec(plain);
  if (v4 !== null) return isIPv4(`${v4[1]}.0`) ? `${v4[1]}.0/24` : null;
  const [v6 = ''] = plain.replace(/\/48$/, '').split('%');
  return isIPv6(v6) ? `${firstGroups(v6)}::/48` : null;
}

/** The first three groups of an IPv6 address, without leading zeros. */
function firstGroups(address: string): string {
  const [head = '', tail = ''] = address.toLowerCase().split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  // A dotted quad at the end stands for two groups.
  const length = [...groups(head), ...groups(tail)].reduce((sum, group) => sum + (group.includes('.') ? 2 : 1), 0);
  const zeros = address.includes('::') ? Array.from({ length: 8 - length }, () => '0') : [];
  return [...groups(head), ...zeros, ...groups(tail)]
    .slice(0, 3)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
