/** A set of leaf numbers, as ranges with both ends in it. */
export class SeqRanges {
  private ranges: [from: number, to: number][] = [];
  private sorted = true;

  /** @returns the set that `format` wrote; undefined when the text is nothing of the sort */
  static parse(text: string): SeqRanges | undefined {
    const set = new SeqRanges();
    for (const part of text.split(',')) {
      const [, from, to = from] = /^(\d{1,15})(?:-(\d{1,15}))?$/.exec(part) ?? [];
      if (from === undefined || Number(to) < Number(from)) return undefined;
      set.add(Number(from), Number(to));
    }
    return set;
  }

  add(from: number, to = from): void {
    const last = this.ranges.at(-1);
    if (last !== undefined && from === last[1] + 1) {
      last[1] = to;
      return;
    }
    if (last !== undefined && from <= last[1]) this.sorted = false;
    this.ranges.push([from, to]);
  }

  addAll(other: SeqRanges): void {
    for (const [from, to] of other.ranges) this.add(from, to);
  }

  /** The first number of this set that is not in the other one. */
  firstOutside(other: SeqRanges): number | undefined {
    const allowed = other.merged();
    let i = 0;
    for (const [from, to] of this.merged()) {
      let next = from;
      while (i < allowed.length && allowed[i]![1] < next) i++;
      while (i < allowed.length && allowed[i]![0] <= next && next <= to) {
        next = allowed[i]![1] + 1;
        if (next <= to) i++;
      }
      if (next <= to) return next;
    }
    return undefined;
  }

  get count(): number {
    return this.merged().reduce((sum, [from, to]) => sum + to - from + 1, 0);
  }

  get largest(): number {
    return this.merged().at(-1)?.[1] ?? -1;
  }

  /** e.g. `0-41,57` */
  format(): string {
    return this.merged()
      .map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`))
      .join(',');
  }

  private merged(): readonly (readonly [number, number])[] {
    if (this.sorted) return this.ranges;
    const ordered = this.ranges.sort(([a], [b]) => a - b);
    const merged: [number, number][] = [];
    for (const [from, to] of ordered) {
      const last = merged.at(-1);
      if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
      else merged.push([from, to]);
    }
    this.ranges = merged;
    this.sorted = true;
    return merged;
  }
}
