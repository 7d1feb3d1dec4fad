import type { Inspection } from '../../answers/evidence.ts';
import { textTable } from '../show.ts';
import { shown, type Terminal } from '../terminal.ts';

/** Most findings shown to a person; `--json` has them all. */
const MOST_FINDINGS = 30;

/** An inspection in words: what the file is, what was counted, hazards, findings, verdict. */
export function inspectionText(t: Terminal, fileName: string, i: Inspection): string {
  const c = t.colour;
  const format = i.format ? `${i.format}${i.formatVersion ? ` ${i.formatVersion}` : ''}` : 'not recognised';
  const tool = i.tool ? `, made by ${i.tool.name}${i.tool.version ? ` ${i.tool.version}` : ''}` : '';
  const lines = [
    `File: ${shown(fileName)}`,
    `SHA-256: ${shown(i.sha256)}`,
    shown(`Format: ${format}${tool}`),
    ...(i.format ? knownLines(i) : []),
    ...hazardLines(t, i),
    ...findingLines(t, i),
    '',
    i.accepted
      ? c.green(
          'Accepted: the file agrees with itself. That does not prove that the test was run as it says.',
        )
      : c.red('Refused: this file cannot serve as evidence.'),
  ];
  return lines.join('\n');
}

function knownLines(i: Inspection): string[] {
  const n = i.counts;
  const parts = (['pass', 'fail', 'error', 'skipped', 'inconclusive'] as const).filter(
    (k) => n[k] > 0 || k === 'pass' || k === 'fail',
  );
  const counted = `Counted: ${n.total} cases: ${parts.map((k) => `${n[k]} ${k}`).join(', ')}`;
  const r = i.reported;
  return [
    `Kind: ${shown(i.kind)}, ${shown(i.status)}`,
    ...(i.subjects.length > 0
      ? [`Tested: ${i.subjects.map((s) => shown(`${s.name}${s.version ? ` ${s.version}` : ''}`)).join(', ')}`]
      : []),
    ...(i.startedAt ? [shown(`Run: ${i.startedAt}${i.endedAt ? ` to ${i.endedAt}` : ''}`)] : []),
    counted,
    r
      ? `The file's own summary: ${r.pass} pass, ${r.fail} fail, ${r.error} error`
      : 'The file has no summary of its own.',
  ];
}

function hazardLines(t: Terminal, i: Inspection): string[] {
  if (i.hazards.length === 0) return i.format ? ['Hazards: none named in the file'] : [];
  const rows = i.hazards.map((h) => [h.id, h.planned ?? 'no plan', h.executed, h.failed].map(shown));
  const missing = i.hazards.filter((h) => h.executed === 0).map((h) => shown(h.id));
  return [
    '',
    textTable(t, ['Hazard', 'Planned', 'Executed', 'Failed'], rows),
    ...(missing.length > 0 ? [t.colour.red(`Not tested at all: ${missing.join(', ')}`)] : []),
  ];
}

function findingLines(t: Terminal, i: Inspection): string[] {
  if (i.findings.length === 0) return [];
  const label = { refuse: t.colour.red('refuse'), flag: t.colour.yellow('flag'), info: 'info' };
  const one = (f: Inspection['findings'][number]) =>
    `  ${label[f.severity] ?? shown(f.severity)} ${shown(f.code)}${f.location ? ` at ${shown(f.location)}` : ''}: ${shown(f.message)}`;
  const more = i.findings.length - MOST_FINDINGS;
  return [
    '',
    'Findings',
    ...i.findings.slice(0, MOST_FINDINGS).map(one),
    ...(more > 0 ? [`  … and ${more} more; all of them: --json`] : []),
  ];
}
