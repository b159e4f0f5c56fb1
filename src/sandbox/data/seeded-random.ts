/**
 * A number that looks random and is the same for the same arguments (mulberry32's mixing step).
 * @returns from 0 up to, not including, 1
 */
export function seededRandom(seed: number, index: number, stream = 0): number {
  let state = (seed + Math.imul(index + 1, 0x6d2b79f5) + Math.imul(stream + 1, 0x9e3779b1)) | 0;
  state = Math.imul(state ^ (state >>> 15), state | 1);
  state ^= state + Math.imul(state ^ (state >>> 7), state | 61);
  return ((state ^ (state >>> 14)) >>> 0) / 2 ** 32;
}
