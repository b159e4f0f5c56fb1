import { describe, expect, it } from '@jest/globals';
import type { Principal } from '../../auth/principal.js';
import { ALL_SCOPES, type Scope } from '../../auth/scopes.js';
import {
  findResource,
  publishedResources,
  publishedTemplates,
  RESOURCE_TEMPLATES,
  RESOURCES,
  resourcesFor,
  templatesFor,
} from './resource-registry.js';

const principal = (kind: Principal['kind'], scopes: readonly Scope[]) =>
  ({ kind, scopes: new Set(scopes) }) as unknown as Principal;
const names = (uri: string) => {
  const found = findResource(uri);
  return found && [found.resource.name, found.variables];
};

describe('findResource', () => {
  it('finds every fixed resource by its URI and nothing else', () => {
    for (const resource of RESOURCES) expect(findResource(resource.uri)).toEqual({ resource, variables: {} });
  });

  it.each([
    ['tradecafe://signals/sig_1', ['signal', { signal_id: 'sig_1' }]],
    ['tradecafe://signals/a%3Ab~c.d-e', ['signal', { signal_id: 'a:b~c.d-e' }]],
    ['tradecafe://signals/a:b', ['signal', { signal_id: 'a:b' }]],
    ['tradecafe://signals/%D7%90', ['signal', { signal_id: 'א' }]],
    ['tradecafe://signals/a%2Fb', ['signal', { signal_id: 'a/b' }]],
    // The list of live signals, and no signal of that name.
    ['tradecafe://signals/live', ['live_signals', {}]],
    ['tradecafe://pnl/7d', ['pnl', { timeframe: '7d' }]],
  ])('%s is %j', (uri, found) => {
    expect(names(uri)).toEqual(found);
  });

  it.each([
    '',
    'tradecafe://',
    'tradecafe://accounts',
    'tradecafe://account/',
    'tradecafe://account?user=usr_2',
    'TRADECAFE://account',
    'tradecafe://signals/',
    'tradecafe://signals/{signal_id}',
    'tradecafe://signals/a/b',
    'tradecafe://signals/a?b',
    'tradecafe://signals/a#b',
    'tradecafe://signals/a b',
    'tradecafe://signals/%',
    'tradecafe://signals/%ff',
    'tradecafe://signals/%zz',
    'tradecafe://signals/א',
    'tradecafe://positions/closed',
    'file:///etc/passwd',
    'https://tradecafe.ai/account',
    'constructor',
  ])('%s is nothing', (uri) => {
    expect(findResource(uri)).toBeUndefined();
  });
});

describe('listings', () => {
  it('show a PAT what it may read, in order', () => {
    for (const scope of ALL_SCOPES) {
      const allowed = (tools: readonly { tool: { scope: Scope }; name: string }[]) =>
        tools.filter(({ tool }) => tool.scope === scope).map(({ name }) => name);
      expect(resourcesFor(principal('pat', [scope])).map(({ name }) => name)).toEqual(allowed(RESOURCES));
      expect(templatesFor(principal('pat', [scope])).map(({ name }) => name)).toEqual(allowed(RESOURCE_TEMPLATES));
    }
    expect(resourcesFor(principal('pat', []))).toEqual([]);
    expect(templatesFor(principal('pat', []))).toEqual([]);
  });

  it('show an app everything: it can ask for more', () => {
    expect(resourcesFor(principal('oauth', []))).toEqual(publishedResources);
    expect(templatesFor(principal('oauth', ['read:account']))).toEqual(publishedTemplates);
  });

  it('have names and addresses of their own', () => {
    const all = [...publishedResources, ...publishedTemplates];
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    expect(new Set(all.map((each) => ('uri' in each ? each.uri : each.uriTemplate))).size).toBe(all.length);
  });
});

describe('every resource', () => {
  it.each(RESOURCES.map((resource) => [resource.uri, resource] as const))(
    '%s is a reading its tool takes',
    (_, one) => {
      expect(one.tool.input.safeParse(one.args).error).toBeUndefined();
      expect(one.tool.annotations.readOnlyHint).toBe(true);
    },
  );

  it('moves no money and caches nothing that a trade changes', () => {
    for (const { tool } of [...RESOURCES, ...RESOURCE_TEMPLATES]) expect(tool.annotations.readOnlyHint).toBe(true);
    for (const { live, freshForMs } of RESOURCES) expect(live && freshForMs > 0).toBe(false);
  });
});
