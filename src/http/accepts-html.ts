import type { FastifyRequest } from 'fastify';

const HTML = new Set(['text/html', 'application/xhtml+xml']);
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json$/;

/**
 * Whether a person is going to read the answer: a browser that opens an address names HTML (RFC 9110 §12.5.1), a
 * program that takes anything does not.
 */
export function acceptsHtml({ headers }: Pick<FastifyRequest, 'headers'>): boolean {
  let [html, json] = [0, 0];
  for (const range of (headers.accept ?? '').toLowerCase().split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    const quality = Number(/^q=([01](?:\.\d{0,3})?)$/.exec(parameters.at(-1) ?? '')?.[1] ?? 1);
    if (HTML.has(type)) html = Math.max(html, quality);
    else if (JSON_TYPE.test(type)) json = Math.max(json, quality);
  }
  return html > 0 && html >= json;
}
