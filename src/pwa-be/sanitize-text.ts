/** Code points that a text from outside has no business with: see sanitizeText. */
const FORBIDDEN = /[\p{C}\p{Default_Ignorable_Code_Point}]/gu;
const SPACES = /\p{White_Space}+/gu;
/** UTF-16 units looked at for each code point that may come out. */
const WINDOW = 16;

/**
 * Makes a text that somebody else wrote fit to reach a language model or a page: one line of visible characters. Removes
 * control, format (bidi, zero-width, tag, interlinear), surrogate, private-use and unassigned code points (Unicode
 * general category C) and everything else that renders as nothing (variation selectors, fillers, joiners); turns white
 * space into single spaces; normalizes to NFC. What the words say is not judged.
 * @param maxLength code points of the result at most, an ellipsis included when something was cut
 */
export function sanitizeText(value: string, maxLength = 200): string {
  const window = Math.max(0, maxLength) * WINDOW;
  // Only so much is looked at: the cost must not grow with what an attacker sends.
  const clean = value
    .slice(0, window)
    .replace(SPACES, ' ')
    .replace(FORBIDDEN, '')
    .normalize('NFC')
    .replace(/ {2,}/g, ' ')
    .trim();
  const points = Array.from(clean);
  if (points.length <= maxLength && value.length <= window) return clean;
  return `${points
    .slice(0, Math.max(0, maxLength - 1))
    .join('')
    .trimEnd()}…`.slice(0, Math.max(0, maxLength) * 2);
}
