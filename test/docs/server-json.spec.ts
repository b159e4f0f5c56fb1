import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { PAT_PREFIX } from '../../src/auth/pat/pat-format.js';
import { SERVER_INFO } from '../../src/mcp/product/server-info.js';

const input = z.strictObject({
  description: z.string().optional(),
  isRequired: z.boolean().optional(),
  isSecret: z.boolean().optional(),
  default: z.string().optional(),
  placeholder: z.string().optional(),
  value: z.string().optional(),
});
const header = input.extend({
  name: z.string().regex(/^[\w-]+$/),
  variables: z.record(z.string(), input).optional(),
});

/**
 * The part of the registry's schema 2025-12-11 that we use, stricter where the official registry's own checks are: a
 * reverse-DNS namespace, semantic version, https, a title that is no blank, nothing unknown. server.json was held against
 * that schema in December 2026, and fits it.
 */
const serverDetail = z.strictObject({
  $schema: z.literal('https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json'),
  name: z
    .string()
    .max(200)
    .regex(/^[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)+\/[a-zA-Z0-9][a-zA-Z0-9._-]*[a-zA-Z0-9]$/),
  title: z.string().trim().min(1).max(100),
  description: z.string().min(1).max(100),
  version: z
    .string()
    .max(255)
    .regex(/^\d+\.\d+\.\d+(?:-[\w.]+)?$/),
  websiteUrl: z.url({ protocol: /^https$/ }),
  remotes: z
    .array(
      z.strictObject({
        type: z.literal('streamable-http'),
        // The official registry takes no address of this machine.
        url: z
          .string()
          .startsWith('https://')
          .refine((url) => !/^https:\/\/(?:localhost|127\.0\.0\.1|[^/]*\.localhost)(?:[:/]|$)/.test(url)),
        variables: z.record(z.string(), input),
        headers: z.array(header),
      }),
    )
    .min(1),
});

const text = readFileSync(new URL('../../server.json', import.meta.url), 'utf8');
const server = serverDetail.parse(JSON.parse(text));
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** The names in braces. */
const variablesOf = (template: string): string[] => [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);

describe('server.json', () => {
  it('says of the server what the server says of itself', () => {
    expect([server.version, server.title, server.websiteUrl]).toEqual([
      version,
      SERVER_INFO.title,
      SERVER_INFO.websiteUrl,
    ]);
  });

  it('leads to /mcp, with a host that whoever runs the backend may choose', () => {
    for (const { url, variables } of server.remotes) {
      expect(variablesOf(url)).toEqual(Object.keys(variables));
      const filled = url.replace(/\{(\w+)\}/g, (_, name: string) => variables[name]?.default ?? '');
      expect(new URL(filled).pathname).toBe('/mcp');
    }
  });

  it('asks for a token in a header only, as a secret that one may leave out: OAuth needs none', () => {
    const headers = server.remotes.flatMap((remote) => remote.headers);
    expect(headers.map(({ name, isRequired }) => [name, isRequired])).toEqual([['Authorization', undefined]]);
    for (const { value = '', variables = {}, isSecret } of headers) {
      expect([variablesOf(value), isSecret]).toEqual([Object.keys(variables), true]);
      for (const variable of Object.values(variables)) {
        expect(variable.isSecret).toBe(true);
        expect(variable.placeholder).toMatch(new RegExp(`^${PAT_PREFIX}`));
      }
    }
  });

  it('names no package: none is published', () => {
    const { private: isPrivate } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      private?: boolean;
    };
    expect([isPrivate, 'packages' in server]).toEqual([true, false]);
  });
});
