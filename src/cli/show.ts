import Table from 'cli-table3';
import { stringify } from 'csv-stringify/sync';
import type { RecordPage, RecordView, References } from '../answers/record.ts';
import { enteredAfter } from '../register/claim.ts';
import type { ColumnMeta, RegisterMeta } from '../register/describe.ts';
import { kindOf } from '../register/kinds.ts';
import type { Register } from '../register/register.ts';
import { shown, shownLines, type Terminal } from './terminal.ts';

/** A value of a column in its text form: the one CSV and the options use. */
export function cellText(register: Register, column: ColumnMeta, r: RecordView): string {
  const { name } = column;
  const field = register.fields[name];
  if (field)
    return r.values?.[name] === undefined || r.values[name] === null
      ? ''
      : kindOf(field).text(r.values[name], field);
  if (register.links[name]) return (r.links?.[name] ?? []).join(' ');
  if (name === 'state') return r.state;
  if (name === 'createdAt' || name === 'updatedAt') return r[name] ?? '';
  const derived = r.derived?.[name];
  return derived === undefined || derived === null ? '' : String(derived);
}

/** Records as CSV (RFC 4180) with the names of the columns; text that a spreadsheet would run is disarmed. */
export function listCsv(
  register: Register,
  columns: readonly ColumnMeta[],
  items: readonly RecordView[],
): string {
  const head = ['ref', ...columns.map((c) => c.name)];
  const rows = items.map((r) => [r.ref, ...columns.map((c) => cellText(register, c, r))]);
  return stringify([head, ...rows], { escape_formulas: true });
}

/** Records as a table as wide as the terminal; references carry the title of what they name. */
export function listTable(
  t: Terminal,
  register: Register,
  columns: readonly ColumnMeta[],
  items: readonly RecordView[],
  references: References,
): string {
  const named = (ref: string) => (references[ref] ? `${ref} ${references[ref].title}` : ref);
  const cell = (c: ColumnMeta, r: RecordView): string => {
    if (c.kind === 'link') return (r.links?.[c.name] ?? []).map(named).join(', ');
    const text = cellText(register, c, r);
    const late = enteredLater(r, c.name);
    if (late) return `${text.slice(0, 10)} (${late})`;
    if (c.kind === 'person') return text ? named(text) : '';
    return c.kind === 'moment' ? text.slice(0, 16).replace('T', ' ') : text;
  };
  const rows = items.map((r) => [r.ref, ...columns.map((c) => cell(c, r))].map(shown));
  return textTable(t, ['Number', ...columns.map((c) => c.label)], rows);
}

/** `entered 12 days later`, beside a day that somebody said later than it was. */
function enteredLater(r: RecordView, field: string): string | undefined {
  const days = enteredAfter(r.values, field);
  return days === undefined ? undefined : `entered ${days} ${days === 1 ? 'day' : 'days'} later`;
}

/** A borderless table. On a terminal long cells are cut so that a row stays one line; elsewhere nothing is cut. */
export function textTable(
  t: Terminal,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const most =
    t.width > 0
      ? Math.max(12, Math.floor((t.width - head.length * 2) / head.length) + 8)
      : Number.POSITIVE_INFINITY;
  const cut = (s: string) => (s.length > most ? `${s.slice(0, most - 1)}…` : s);
  const none = {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
    'bottom-right': '',
    left: '',
    'left-mid': '',
    mid: '',
    'mid-mid': '',
    right: '',
    'right-mid': '',
    middle: '  ',
  };
  const table = new Table({
    chars: none,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  });
  table.push(
    head.map((h) => t.colour.bold(h)),
    ...rows.map((r) => r.map(cut)),
  );
  return table
    .toString()
    .split('\n')
    .map((l) => l.trimEnd())
    .join('\n');
}

/** One record in words. */
export function recordText(t: Terminal, register: Register, meta: RegisterMeta, r: RecordPage): string {
  const c = t.colour;
  const named = (ref: string) => shown(r.references?.[ref] ? `${ref} ${r.references[ref].title}` : ref);
  const lines = [
    `${c.bold(`${r.ref} ${shown(r.title)}`)}`,
    `${register.label.one}, ${shown(r.state)}, version ${r.version}`,
    '',
  ];
  const add = (label: string, text: string) => {
    if (text !== '')
      lines.push(
        text.includes('\n')
          ? `${c.dim(`${label}:`)}\n${text.replace(/^/gm, '    ')}`
          : `${c.dim(`${label}:`)} ${text}`,
      );
  };
  const beside = meta.fields.map((f) => f.entered);
  for (const f of meta.fields) {
    const value = r.values?.[f.name];
    if (beside.includes(f.name)) continue;
    if (value === undefined || value === null || f.name === register.title) continue;
    if (f.kind === 'table') add(f.label, rowsText(t, f.columns ?? {}, value));
    else if (f.kind === 'person') add(f.label, named(String(value)));
    else {
      const late = enteredLater(r, f.name);
      const text = kindOf(register.fields[f.name]!).text(value, register.fields[f.name]!);
      add(f.label, shownLines(late ? `${text} (${late})` : text));
    }
  }
  for (const d of meta.derived) if (r.derived?.[d.name] !== undefined) add(d.label, shown(r.derived[d.name]));
  for (const l of meta.links) add(l.label, (r.links?.[l.name] ?? []).map(named).join('\n'));
  for (const i of Object.values(r.inverses ?? {})) {
    add(
      shown(i.label),
      [...i.items.map((x) => shown(`${x.ref} ${x.title} (${x.state})`)), ...(i.more ? ['…'] : [])].join('\n'),
    );
  }
  add(
    'Changed',
    shown(
      `${r.updatedAt ?? ''}${r.updatedBy ? ` by ${r.references?.[r.updatedBy] ? named(r.updatedBy) : r.updatedBy}` : ''}`,
    ),
  );
  return [...lines, ...decisionLines(t, r), ...nextLines(t, r)].join('\n');
}

function rowsText(t: Terminal, columns: Readonly<Record<string, { label: string }>>, value: unknown): string {
  const rows = Array.isArray(value) ? value.filter((row) => typeof row === 'object' && row !== null) : [];
  if (rows.length === 0) return '';
  return textTable(
    t,
    Object.values(columns).map((c) => c.label),
    rows.map((row) => Object.keys(columns).map((k) => shown(row[k]))),
  );
}

function decisionLines(t: Terminal, r: RecordPage): string[] {
  if (!r.decisions?.length) return [];
  const one = (d: NonNullable<RecordPage['decisions']>[number]) =>
    shown(
      `  ${d.ref} ${d.kind} by ${d.by} as ${d.role}, ${d.at}${d.until ? `, until ${d.until}` : ''}${d.current ? '' : ' (stale: changed since)'}${d.reason ? `: ${d.reason}` : ''}`,
    );
  return ['', t.colour.bold('Decisions'), ...r.decisions.map(one)];
}

function nextLines(t: Terminal, r: RecordPage): string[] {
  if (!r.may) return [];
  const lines = r.may.transitions.map((x) => {
    const missing = x.missing?.length ? ` Missing: ${x.missing.join(', ')}.` : '';
    return shown(
      `  ${x.name} -> ${x.to}${x.allowed ? '' : `: not now.${x.why ? ` ${x.why}` : ''}`}${missing}`,
    );
  });
  const fixed = r.may.fixed ?? [];
  const settled = `  settled, no longer edited: ${fixed.join(', ')}`;
  const edit = r.may.edit
    ? fixed.length > 0
      ? [shown(settled)]
      : []
    : [shown(`  edit: not now.${r.may.why ? ` ${r.may.why}` : ''}`)];
  return lines.length + edit.length === 0 ? [] : ['', t.colour.bold('What you may do'), ...edit, ...lines];
}
