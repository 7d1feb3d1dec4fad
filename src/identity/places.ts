/** Somebody who wants a place: from which desk, and how often they were wrong there before. */
export interface Wanting {
  desk: string;
  tries: number;
}

interface InLine extends Wanting {
  order: number;
  go: (granted: boolean) => void;
}

/**
 * So many places, and a line before them. A place that becomes free goes to the desk that holds the fewest, there to whoever was wrong least often, then to
 * who came first: many attempts of one desk, or at one account, do not keep others waiting behind all of them. When the line is full, the last by
 * the same measure is turned away.
 */
export class Places {
  private readonly held = new Map<string, number>();
  private line: InLine[] = [];
  private taken = 0;
  private arrivals = 0;

  constructor(
    private readonly most: number,
    private readonly longest: number,
  ) {}

  /** Answers true with a place, which is to be given back; false when turned away. */
  async take(w: Wanting): Promise<boolean> {
    if (this.taken < this.most) {
      this.grant(w.desk);
      return true;
    }
    return new Promise((go) => {
      this.line.push({ ...w, order: this.arrivals++, go });
      if (this.line.length > this.longest) this.leave(this.last()).go(false);
    });
  }

  give(desk: string): void {
    this.taken -= 1;
    const left = (this.held.get(desk) ?? 1) - 1;
    if (left > 0) this.held.set(desk, left);
    else this.held.delete(desk);
    if (this.line.length === 0) return;
    const next = this.leave(this.first());
    this.grant(next.desk);
    next.go(true);
  }

  private grant(desk: string): void {
    this.taken += 1;
    this.held.set(desk, (this.held.get(desk) ?? 0) + 1);
  }

  private first(): InLine {
    const holds = (w: InLine) => this.held.get(w.desk) ?? 0;
    return this.line.reduce((a, b) => (before(a, b, holds) ? a : b));
  }

  private last(): InLine {
    const waiting = new Map<string, number>();
    for (const w of this.line) waiting.set(w.desk, (waiting.get(w.desk) ?? 0) + 1);
    return this.line.reduce((a, b) => (before(a, b, (w) => waiting.get(w.desk)!) ? b : a));
  }

  private leave(one: InLine): InLine {
    this.line = this.line.filter((w) => w !== one);
    return one;
  }
}

const before = (a: InLine, b: InLine, weight: (w: InLine) => number): boolean =>
  (weight(a) - weight(b) || a.tries - b.tries || a.order - b.order) < 0;
