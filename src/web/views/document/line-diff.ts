/** A line of a text that is in both, only in the earlier, or only in the later one. */
export interface DiffLine {
  kind: 'same' | 'removed' | 'added';
  text: string;
}

/** More pairs of differing lines than this are not compared one by one. */
const MOST = 4_000_000;

/** What was done to a text, line by line: removed lines come before those that stand in their place. */
export function lineDiff(before: string, after: string): DiffLine[] {
  const a = lines(before);
  const b = lines(after);
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (
    tail < a.length - head &&
    tail < b.length - head &&
    a[a.length - 1 - tail] === b[b.length - 1 - tail]
  )
    tail += 1;
  const same = (list: readonly string[]) => list.map((text): DiffLine => ({ kind: 'same', text }));
  return [
    ...same(a.slice(0, head)),
    ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...same(a.slice(a.length - tail)),
  ];
}

const lines = (text: string): string[] => (text === '' ? [] : text.replaceAll('\r\n', '\n').split('\n'));

/** Longest common subsequence; where the texts are too large for it, all of one and then all of the other. */
function middle(a: readonly string[], b: readonly string[]): DiffLine[] {
  const removed = (text: string): DiffLine => ({ kind: 'removed', text });
  const added = (text: string): DiffLine => ({ kind: 'added', text });
  if (a.length * b.length > MOST || a.length === 0 || b.length === 0)
    return [...a.map(removed), ...b.map(added)];
  const width = b.length + 1;
  const common = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => common[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      common[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const out: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      out.push({ kind: 'same', text: a[i]! });
      i += 1;
      j += 1;
    } else if (at(i + 1, j) >= at(i, j + 1)) out.push(removed(a[i++]!));
    else out.push(added(b[j++]!));
  }
  return [...out, ...a.slice(i).map(removed), ...b.slice(j).map(added)];
}

/** Runs of unchanged lines longer than `around` on each side are left out; null stands for them. */
export function nearChanges(diff: readonly DiffLine[], around = 2): (DiffLine | null)[] {
  const near = diff.map((_, i) =>
    diff.slice(Math.max(0, i - around), i + around + 1).some((d) => d.kind !== 'same'),
  );
  return diff.flatMap((line, i) => (near[i] ? [line] : i === 0 || near[i - 1] ? [null] : []));
}
