import type { Finding } from './model.ts';

const PER_CODE = 20;

/**
 * Collects findings. At most 20 of one code are kept, so that a hostile file cannot make a report of a million lines;
 * the rest is told by number.
 */
export class Findings {
  private readonly kept: Finding[] = [];
  private readonly seen = new Map<string, number>();

  private add(severity: Finding['severity'], code: string, location: string, message: string): void {
    const key = `${severity} ${code}`;
    const count = (this.seen.get(key) ?? 0) + 1;
    this.seen.set(key, count);
    if (count <= PER_CODE) this.kept.push({ code, severity, location, message });
  }

  /** The file cannot be taken as evidence. */
  refuse(code: string, location: string, message: string): void {
    this.add('refuse', code, location, message);
  }

  /** A person must look at this before relying on the file. */
  flag(code: string, location: string, message: string): void {
    this.add('flag', code, location, message);
  }

  /** Good to know. */
  info(code: string, location: string, message: string): void {
    this.add('info', code, location, message);
  }

  /** Refuses, or only flags when there is an honest explanation. */
  judge(excused: boolean, code: string, location: string, message: string): void {
    this.add(excused ? 'flag' : 'refuse', code, location, message);
  }

  /** Whether anything so far refuses the file. */
  get refused(): boolean {
    return this.kept.some((finding) => finding.severity === 'refuse');
  }

  /** All findings, the refusing ones first; what was left out is told by one more finding for each code. */
  all(): Finding[] {
    const rank = { refuse: 0, flag: 1, info: 2 };
    const left = [...this.seen]
      .filter(([, count]) => count > PER_CODE)
      .map(([key, count]): Finding => {
        const [severity, code] = key.split(' ') as [Finding['severity'], string];
        const message = `${count - PER_CODE} more findings of this kind are not listed.`;
        return { code, severity, location: '', message };
      });
    return [...this.kept, ...left].sort((a, b) => rank[a.severity] - rank[b.severity]);
  }
}

/** A name from a file made safe for a message: quoted, without control characters, 80 characters at most. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}
