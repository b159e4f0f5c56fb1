import { isObject, type Params } from './surface/params-problem.js';
import type { ClientAbility } from './surface/request-io.js';

const NONE: ReadonlySet<ClientAbility> = new Set();

/**
 * What a client can be asked for. An empty elicitation capability means form mode (MCP 2025-11-25, Elicitation,
 * Capabilities; the same in 2026-07-28).
 * @param capabilities ClientCapabilities as the client declared them; untrusted
 */
export function abilitiesOf(capabilities: unknown): ReadonlySet<ClientAbility> {
  const { elicitation, sampling, roots } = membersOf(capabilities);
  if (elicitation === undefined && sampling === undefined && roots === undefined) return NONE;
  const abilities = new Set<ClientAbility>();
  if (isObject(elicitation)) {
    const { form, url } = membersOf(elicitation);
    if (form !== undefined || url === undefined) abilities.add('form');
    if (url !== undefined) abilities.add('url');
  }
  if (isObject(sampling)) abilities.add('sampling');
  if (isObject(roots)) abilities.add('roots');
  return abilities;
}

function membersOf(value: unknown): Params {
  return isObject(value) ? (value as Params) : {};
}
