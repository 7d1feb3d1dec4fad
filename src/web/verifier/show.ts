import { placeText } from './findings.ts';
import type { Facts, Verdict } from './pack.ts';

/** Characters that turn the direction of text or are not to be seen could make a verdict read otherwise. */
const visible = (text: string): string =>
  text.replace(
    /[\p{Cc}\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** Builds elements from text only: what stands in a pack never becomes markup. */
function element(name: string, inner: (string | Node)[] | string, className = ''): HTMLElement {
  const made = document.createElement(name);
  if (className) made.className = className;
  const parts = typeof inner === 'string' ? [inner] : inner;
  made.append(...parts.map((p) => (typeof p === 'string' ? visible(p) : p)));
  return made;
}

const UNPINNED =
  ' The log after it was begun by OpenAIMS 0.1.0 and does not say what is left of it: nothing that was signed since vouches for its entries about erasures and keys. Compare a checkpoint of it that somebody kept.';

/** Shows the verdict: large and plain, then what is wrong and where, then what the pack says of itself. */
export function showVerdict(into: HTMLElement, fileName: string, verdict: Verdict): void {
  const { ok, total, problems, facts } = verdict;
  const head = element('h2', ok ? 'This pack holds' : 'This pack does not hold');
  const why = ok
    ? `${fileName}: every file, signature, log entry and version agrees.`
    : `${fileName}: ${total === 1 ? 'one problem' : `${total} problems`} found. Do not rely on it.`;
  const parts: Node[] = [element('div', [head, element('p', why)], `notice ${ok ? 'ok' : 'bad'}`)];
  if (facts?.keyFromPack) parts.push(keyWarning());
  if (facts?.system)
    parts.push(
      element('p', `Only records around ${facts.system} are inside; other records are not.`, 'notice warn'),
    );
  for (const lost of facts?.lost ?? [])
    parts.push(
      element(
        'p',
        `Of the earlier log ${lost.number}, the last ${lost.entries} entries are lost.${lost.pinned ? '' : UNPINNED}`,
        'notice warn',
      ),
    );
  for (const { number, waited, since } of facts?.keyLost ?? [])
    parts.push(
      element(
        'p',
        `The earlier log ${number} ended because its key was lost: log ${number + 1} goes on after the last head that it signed.${waited > 0 ? ` ${waited} of its entries had waited, the oldest since ${since}: under no signature until it was begun.` : ''}`,
        'notice warn',
      ),
    );
  if (facts && facts.late.count > 0) parts.push(lateRows(facts.late));
  if (problems.length > 0) {
    const more = total > problems.length ? `, the first ${problems.length} of ${total}` : '';
    parts.push(element('h3', `What is wrong${more}`));
    const items = problems.map((p) =>
      element('li', [element('strong', placeText(p)), element('p', capital(p.message))]),
    );
    parts.push(element('ol', items, 'problems'));
  }
  if (facts) {
    parts.push(element('h3', ok ? 'The pack' : 'What the pack says of itself, not to be believed'));
    const rows = factRows(facts).flatMap(([name, value]) => [element('dt', name), element('dd', value)]);
    parts.push(element('dl', rows));
  }
  into.replaceChildren(...parts);
}

function lateRows({ count, named }: Facts['late']): HTMLElement {
  const more = count > named.length ? [`and ${count - named.length} more`] : [];
  return element(
    'div',
    [
      element('strong', `${count} versions carry a time after that of their entry, by 10 s at most`),
      element(
        'p',
        'A known fault of bulk changes, hand-overs and departures in OpenAIMS 0.1.0. The time in the entry is the signed one.',
      ),
      element(
        'ul',
        [...named, ...more].map((text) => element('li', text)),
      ),
    ],
    'notice warn',
  );
}

function keyWarning(): HTMLElement {
  return element(
    'div',
    [
      element('strong', 'The key came from the pack itself'),
      element(
        'p',
        'Whoever made the pack could have made the key too. Get the log’s key from its owner by another way, enter it above and verify again.',
      ),
    ],
    'notice warn',
  );
}

const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

const stateText = ({ log, size, at }: NonNullable<Facts['asOf']>): string =>
  log === undefined
    ? `after ${size} entries, ${at}`
    : `after ${size} entries of log ${log}, ${at}. The log goes on after it because parts were erased since`;

const row = (name: string, text: string): [string, string] => [name, text];

function factRows(f: Facts): [string, string][] {
  const witnesses = f.cosigned.map(
    (c) => `${c.name} at ${c.at}${c.fromPack ? ', by a key that the pack names' : ', by the key you gave'}`,
  );
  const stamps = f.stamps.map((s) => `the first ${s.size} entries at ${s.at}`);
  return [
    ['Organisation', f.organisation],
    ['Made', f.madeAt],
    ...(f.asOf ? [row('State', stateText(f.asOf))] : []),
    ['Log', f.origin],
    ['Entries', `${f.size}${f.logs > 1 ? `, and earlier logs: ${f.logs - 1}` : ''}`],
    ['Root', f.root],
    ['Records', `${f.records} in ${f.versions} versions; parts erased: ${f.erased}`],
    ...(f.uncompared > 0
      ? [row('Not compared', `the present state of ${f.uncompared} records: it was ahead of the log`)]
      : []),
    ...f.older.map(({ size, left }): [string, string] => [
      'Kept checkpoint',
      left === undefined
        ? `of ${size} entries: the log was only added to since`
        : `of ${size} entries: the head that the next log names. ${left} entries are here; nothing shows that they are its first`,
    ]),
    ['Attached', `evidence files: ${f.evidence}; signed decisions: ${f.decisions}`],
    ['Witnesses', witnesses.join('; ') || 'none: this checkpoint is unwitnessed'],
    [
      'Time stamps',
      stamps.length > 0
        ? `${stamps.join('; ')}. They are over these checkpoints; who signed them is not checked here`
        : 'none',
    ],
  ];
}
