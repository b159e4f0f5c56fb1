// Who is measured: processes, and the rows of the report. One process may serve several rows.

/** Servers of the peers by their files in bench/contenders; `hoisted`: schemas made once instead of as documented. */
const PEERS = {
  'SDK v1': { script: 'sdk-v1' },
  'SDK v1, schemas hoisted': { script: 'sdk-v1', environment: { SCHEMAS: 'hoisted' } },
  'SDK v2': { script: 'sdk-v2' },
  'SDK v2, schemas hoisted': { script: 'sdk-v2', environment: { SCHEMAS: 'hoisted' } },
  'mcp-nest on Fastify': { script: 'mcp-nest' },
  'mcp-nest on Express': { script: 'mcp-nest', environment: { ADAPTER: 'express' } },
  fastmcp: { script: 'fastmcp' },
  'bare Fastify': { script: 'fastify' },
};

/** Compositions of the product. `credentials`: what each connection shows of itself. */
const OURS = {
  ours: { script: 'dist/main.js', credentials: 'token' },
  'ours without audit': {
    script: 'bench/contenders/ours-without.mjs',
    environment: { WITHOUT: 'audit' },
    credentials: 'token',
  },
  'ours without policy': {
    script: 'bench/contenders/ours-without.mjs',
    environment: { WITHOUT: 'policy' },
    credentials: 'name',
  },
};

/** The rows, in the order of the report. */
const ROWS = [
  row('ours', 'legacy', 'quick'),
  row('ours', 'modern', 'quick'),
  row('ours without audit', 'legacy', 'quick'),
  row('ours without policy', 'legacy', 'quick'),
  row('ours without policy', 'modern'),
  row('SDK v1', 'legacy', 'quick'),
  row('SDK v1, schemas hoisted', 'legacy'),
  row('SDK v2', 'legacy'),
  row('SDK v2', 'modern'),
  row('SDK v2, schemas hoisted', 'modern'),
  row('mcp-nest on Fastify', 'legacy', 'quick'),
  row('mcp-nest on Fastify', 'modern'),
  row('mcp-nest on Express', 'legacy'),
  row('fastmcp', 'legacy'),
  row('bare Fastify', 'legacy', 'quick'),
];

/** @param kind `quick`: also part of a quick run */
function row(server, leg, kind = 'full') {
  return { name: `${server}, ${leg}`, server, leg, kind };
}

/** The rows of a run, and the servers that they need. */
export function contenders(quick) {
  const rows = ROWS.filter(({ kind }) => !quick || kind === 'quick');
  const names = new Set(rows.map(({ server }) => server));
  const among = (all) => Object.entries(all).filter(([name]) => names.has(name));
  return { rows, peers: among(PEERS), ours: among(OURS) };
}
