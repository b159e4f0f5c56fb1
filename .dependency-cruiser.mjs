/**
 * Imports point down: mcp | rest | web → tools → safety, pwa-be → auth → audit → database → http, errors, logging, config.
 * An allow-list: what no rule names is refused.
 */
const room = (name) => `^src/${name}/`;
const ANY = ['^src/(errors|config|logging|os)/'];

/** Which rooms each room may use, besides itself and ANY. */
const MAY_USE = {
  os: [],
  errors: [],
  config: [],
  logging: [],
  telemetry: [],
  database: [],
  http: ['database'],
  audit: ['database', 'http'],
  auth: ['audit', 'database', 'http'],
  'pwa-be': ['auth', 'audit', 'database', 'http'],
  safety: ['pwa-be', 'auth', 'audit', 'database', 'http'],
  tools: ['telemetry', 'safety', 'pwa-be', 'auth', 'audit', 'database', 'http'],
  mcp: ['tools', 'safety', 'auth', 'audit', 'database', 'http'],
  rest: ['tools', 'safety', 'auth', 'audit', 'database', 'http'],
  web: ['tools', 'safety', 'auth', 'audit', 'database', 'http'],
  sandbox: [],
  cli: ['pwa-be', 'auth', 'audit', 'database', 'http'],
};

const allowed = [
  { from: { path: '^src/(app\\.module|app|main|stdio|mock-application)\\.ts$' }, to: {} },
  { from: {}, to: { dependencyTypesNot: ['local'] } },
  ...Object.entries(MAY_USE).map(([name, others]) => ({
    from: { path: room(name) },
    to: { path: [room(name), ...others.map(room), ...ANY] },
  })),
];

export default {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'tools-stand-alone',
      comment: 'A tool never imports another tool.',
      severity: 'error',
      from: { path: '^src/tools/catalog/[^/]+\\.tool\\.ts$' },
      to: { path: '^src/tools/catalog/[^/]+\\.tool\\.ts$' },
    },
    {
      name: 'only-mcp-imports-an-sdk',
      severity: 'error',
      from: { pathNot: '^src/mcp/' },
      to: { path: 'node_modules/@modelcontextprotocol/' },
    },
    {
      name: 'only-pwa-be-does-http-upstream',
      severity: 'error',
      from: { pathNot: '^src/pwa-be/' },
      to: { path: 'node_modules/(undici|cockatiel)/' },
    },
    {
      name: 'only-the-composition-root-sees-the-sandbox',
      severity: 'error',
      from: { pathNot: '^src/(sandbox/|app\\.module\\.ts)' },
      to: { path: '^src/sandbox/' },
    },
    {
      name: 'no-dev-dependencies',
      severity: 'error',
      from: { pathNot: '\\.spec\\.tsx?$' },
      to: { dependencyTypes: ['npm-dev'] },
    },
  ],
  allowed,
  allowedSeverity: 'error',
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(\\.spec\\.tsx?$|^src/generated/)' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
