import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { z } from 'zod';
import { API_READS } from '../../src/tools/api/api-operations.js';
import { PROMPTS } from '../../src/tools/prompts/prompt-registry.js';
import { TOOLS } from '../../src/tools/registry.js';
import { RESOURCE_TEMPLATES, RESOURCES } from '../../src/tools/resources/resource-registry.js';
import { publicId } from '../../src/tools/shapes/text.js';
import { READ_ROUTES } from '../../src/rest/v1/tool-routes.js';
import { createEnvironment, type Environment, mintToken, startApp, type TestApp } from '../support/app.js';
import { complaint, hostileText, markersIn, stringsOf } from '../support/hostile-text.js';
import { UNDECLARED } from '../support/hostile-wire.js';
import { type HostileUpstream, startHostileUpstream } from '../support/hostile-upstream.js';
import { ERAS, type McpClient } from '../support/mcp.js';
import { OFFER_ERAS, type OffersClient } from '../support/mcp-offers.js';

/** Something that answers a model or a client, with everything that can be asked of it. */
interface Surface {
  readonly name: string;
  readonly ask: () => Promise<unknown>;
}

let environment: Environment;
let upstream: HostileUpstream;
let app: TestApp;
let token: string;
const clients: { mcp: McpClient; offers: OffersClient; era: string }[] = [];
beforeAll(async () => {
  environment = await createEnvironment();
  upstream = await startHostileUpstream();
  app = await startApp(environment, { PWA_BE_BASE_URL: upstream.baseUrl, COMMITS_PER_HOUR: '100000' });
  ({ token } = await mintToken(app));
  for (const [index, [era, , connect]] of ERAS.entries())
    clients.push({ era, mcp: await connect(app.url, token), offers: await OFFER_ERAS[index]![2](app.url, token) });
});
afterAll(async () => {
  for (const { mcp, offers } of clients) await Promise.all([mcp.close(), offers.close()]);
  await app?.close();
  await upstream?.stop();
  await environment?.drop();
});
beforeEach(() => void (upstream.mode = {}));

/** What stands on the wire, by the schemas alone: `/signal/active[].symbol` and the like. */
const declared = (): ReadonlySet<string> => new Set(upstream.wire.fields.values());

/** Fields of the wire that are in an answer. A hostile id is answered as its alias. */
function fieldsIn(answer: unknown): Set<string> {
  const found = new Set<string>();
  for (const [, text] of stringsOf(answer)) {
    for (const marker of markersIn(text)) found.add(upstream.wire.fields.get(marker) ?? `unknown ${marker}`);
    if (text.startsWith('ref_')) found.add(aliases().get(text) ?? `unknown ${text}`);
  }
  return found;
}

/** Alias → field, of every marker that was on the wire so far. */
const known = new Map<string, string>();
function aliases(): ReadonlyMap<string, string> {
  if (known.size < upstream.wire.fields.size)
    for (const [marker, field] of upstream.wire.fields) known.set(publicId(hostileText(marker)), field);
  return known;
}

/** What is wrong with an answer, by the place where it stands. */
function complaints(surface: string, answer: unknown): string[] {
  const found: string[] = [];
  for (const [path, text] of stringsOf(answer)) {
    const why = complaint(text, /content\[\d+\]\.text$/.test(path));
    const where = `${surface} ${path.replaceAll(/\[\d+\]/g, '[]')}`;
    if (why !== undefined) found.push(`${where}: ${why}`);
    const fields = markersIn(text).map((marker) => upstream.wire.fields.get(marker) ?? '');
    if (fields.some((field) => field === UNDECLARED)) found.push(`${where}: a field that no schema names`);
  }
  return [...new Set(found)];
}

/** Arguments to call a tool with: none; each value of each switch and list; each id for what must be named. */
function argumentsOf(input: z.ZodObject, ids: readonly string[]): Record<string, unknown>[] {
  const required = Object.keys(input.shape).filter((key) => !input.shape[key]!.safeParse(undefined).success);
  if (required.length > 0) return ids.map((id) => Object.fromEntries(required.map((key) => [key, id])));
  const choices = Object.entries(input.shape).flatMap(([key, schema]) =>
    choicesOf(schema as z.ZodType).map((value) => ({ [key]: value })),
  );
  return [{}, ...choices];
}

function choicesOf(schema: z.ZodType): readonly unknown[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable)
    return choicesOf(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodBoolean) return [true, false];
  return schema instanceof z.ZodEnum ? schema.options : [];
}

/** The answer, or the error in its place: errors reach models, too. */
async function orError(answer: Promise<unknown>): Promise<unknown> {
  return answer.catch((error: unknown) => {
    const { message, code, data } = error as { message?: string; code?: unknown; data?: unknown };
    return { error: message, code, data };
  });
}

function toolSurfaces(ids: readonly string[]): Surface[] {
  return clients.flatMap(({ era, mcp }) =>
    TOOLS.flatMap(({ name, input }) =>
      argumentsOf(input, ids).map((args) => ({ name: `${name} (${era})`, ask: () => roundTrip(mcp, name, args) })),
    ),
  );
}

/** A call; and of a preview, the commit that follows. */
async function roundTrip(mcp: McpClient, name: string, args: Record<string, unknown>): Promise<unknown> {
  const first = await mcp.call(name, args);
  const actionToken = first.structuredContent?.['action_token'];
  if (actionToken === undefined) return first;
  return [first, await mcp.call(name, { ...args, dry_run: false, action_token: actionToken })];
}

function offerSurfaces(ids: readonly string[]): Surface[] {
  return clients.flatMap(({ era, mcp, offers }) => {
    const completers = [
      ...PROMPTS.flatMap(({ name, completers: of }) =>
        Object.keys(of).map((argument) => ({ ref: { type: 'ref/prompt', name } as const, argument })),
      ),
      ...RESOURCE_TEMPLATES.map(({ uriTemplate: uri, variable }) => ({
        ref: { type: 'ref/resource', uri } as const,
        argument: variable,
      })),
    ];
    const uris = [
      ...RESOURCES.map(({ uri }) => uri),
      ...RESOURCE_TEMPLATES.flatMap(({ uriTemplate, variable, tool }) =>
        [...choicesOf(tool.input.shape[variable] as z.ZodType), ...ids].map((value) =>
          uriTemplate.replace(`{${variable}}`, encodeURIComponent(String(value))),
        ),
      ),
    ];
    const suggested = completers.map(({ ref, argument }) => ({
      name: `completion of ${argument} (${era})`,
      ask: () => orError(offers.complete({ ref, argument: { name: argument, value: '' } })),
    }));
    const read = uris.map((uri) => ({
      name: `resource ${uri.replace(/\/(?:zq|ref_).*/, '/…')} (${era})`,
      ask: () => orError(offers.readResource({ uri })),
    }));
    const prompted = PROMPTS.map(({ name }) => ({
      name: `prompt ${name} (${era})`,
      ask: () => orError(offers.getPrompt({ name })),
    }));
    const listed = { name: `lists (${era})`, ask: () => lists(mcp, offers) };
    return suggested.concat(read, prompted, listed);
  });
}

async function lists(mcp: McpClient, offers: OffersClient): Promise<unknown> {
  const offered = [await offers.listResources(), await offers.listResourceTemplates(), await offers.listPrompts()];
  return [offered, await mcp.listTools(), offers.getInstructions()];
}

function restSurfaces(ids: readonly string[]): Surface[] {
  const get = (path: string): Surface => ({
    name: `GET ${path.replace(/\/(?:zq|ref_).*/, '/…')}`,
    ask: async () => {
      const response = await fetch(`${app.url}${path}`, { headers: { authorization: `Bearer ${token}` } });
      return [[...response.headers], await response.text()];
    },
  });
  const reads = [
    ...READ_ROUTES.map(({ path, tool }) => ({ path: `/v1/${path}`, input: tool.input })),
    ...API_READS.map(({ path, input }) => ({ path: `/api${path}`, input })),
  ];
  return reads.flatMap(({ path, input }) => {
    if (path.includes(':')) return ids.map((id) => get(path.replace(/:\w+/, encodeURIComponent(id))));
    return argumentsOf(input, ids).map((args) => get(`${path}?${new URLSearchParams(args as Record<string, string>)}`));
  });
}

let everything: Promise<Surface[]> | undefined;
/** Everything that can be asked, found out once, while pwa-be does not refuse. */
const surfaces = (): Promise<Surface[]> => (everything ??= findSurfaces());

/** The ids are those that a first look at the lists brings. */
async function findSurfaces(): Promise<Surface[]> {
  const ids = new Set<string>();
  for (const surface of [...toolSurfaces([]), ...restSurfaces([])]) {
    for (const [path, text] of stringsOf(await surface.ask())) if (/(?:_id|\.id)$/.test(path)) ids.add(text);
  }
  expect(ids.size).toBeGreaterThan(10);
  return [...toolSurfaces([...ids]), ...offerSurfaces([...ids]), ...restSurfaces([...ids])];
}

/** Asks everything. @returns which surface showed which fields of the wire */
async function askAll(asked: readonly Surface[]): Promise<{ found: string[]; shown: [Surface, Set<string>][] }> {
  const found: string[] = [];
  const shown: [Surface, Set<string>][] = [];
  for (const surface of asked) {
    const answer = await surface.ask();
    found.push(...complaints(surface.name, answer));
    shown.push([surface, fieldsIn(answer)]);
  }
  return { found: [...new Set(found)], shown };
}

it('every string of every answer is clean and short, whatever stands in whatever field of the wire', async () => {
  const asked = await surfaces();
  const { found, shown } = await askAll(asked);
  expect(found).toEqual([]);

  // Not vacuous: every field of the wire is in an answer, and every tool answers with some.
  const everywhere = new Set(shown.flatMap(([, fields]) => [...fields]));
  const unseen = [...declared()].filter((field) => !everywhere.has(field) && field !== UNDECLARED);
  // The first is the caller's own id, or the answer would be refused.
  expect(unseen).toEqual(['/user/{id}.id', 'a name nobody knows']);
  expect([...everywhere].filter((field) => field.startsWith('unknown'))).toEqual([]);
  for (const { name } of TOOLS) {
    const telling = shown.filter(([surface, fields]) => surface.name.startsWith(`${name} `) && fields.size > 0);
    expect([name, telling.length > 0]).toEqual([name, true]);
  }

  // A megabyte in each field, asked of whatever shows that field.
  for (const field of declared()) {
    upstream.mode = { large: field };
    const showing = shown.filter(([{ name }, fields]) => fields.has(field) && !name.includes('SDK v1'));
    const each = new Map(showing.map(([surface]) => [surface.name, surface]));
    const { found: large } = await askAll([...each.values()]);
    expect([field, large]).toEqual([field, []]);
  }
}, 300_000);

it.each([400, 403, 404, 409, 422, 429, 500])(
  'a refusal with %i brings none of its words to anybody unsanitized',
  async (status) => {
    const asked = await surfaces();
    upstream.mode = { writes: status };
    const writes = asked.filter(({ name }) => TOOLS.some((tool) => 'operation' in tool && name.startsWith(tool.name)));
    const answers = await askAll(writes);
    expect(answers.found).toEqual([]);
    if (status < 500) {
      const words = answers.shown.filter(([, fields]) => fields.has(`refusal ${status}`));
      expect(words.length).toBeGreaterThan(0);
    }
    upstream.mode = { reads: status };
    const { found } = await askAll(asked.filter((_, index) => index % 3 === 0));
    expect(found).toEqual([]);
  },
  120_000,
);
