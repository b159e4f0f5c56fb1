/** The key under which the modern era asks and answers; one question a round. */
export const CONFIRM_KEY = 'confirm';

/** How long a person may think about a question that a call waits for. */
export const ANSWER_WITHIN_MS = 120_000;

/**
 * Whether a client can show a form. An empty elicitation capability means form mode (MCP 2025-11-25, Elicitation,
 * Capabilities; the same in 2026-07-28).
 * @param capabilities as the client declared them; untrusted
 */
export function canShowForms(capabilities: unknown): boolean {
  const elicitation = (capabilities as { elicitation?: unknown } | null | undefined)?.elicitation;
  if (elicitation === null || typeof elicitation !== 'object') return false;
  const { form, url } = elicitation as { form?: unknown; url?: unknown };
  return form !== undefined || url === undefined;
}
