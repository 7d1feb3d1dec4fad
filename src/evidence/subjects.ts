/** One file may be about several things: what it says about one of them. */
import { narrowed } from './coverage.ts';
import { quoted } from './findings.ts';
import { countOf, type Finding, type Inspection, type TestedSubject } from './model.ts';

/** The part of an inspection that is about some of its subjects. */
export type SubjectPart = Pick<Inspection, 'counts' | 'hazards' | 'subjects'>;

/**
 * What a file says about the subjects that carry a version; when none does, about those of that name or provider id.
 * A subject of the same name that states no version is taken along: it may be the same thing. Undefined when there is
 * no such subject, and when some case cannot be told to be of one subject: nothing may be left out of such a file.
 */
export function forSubject(inspection: Inspection, versionOrName: string): SubjectPart | undefined {
  const { subjects, counts, hazards, cases } = inspection;
  const carrying = subjects.filter((s) => s.version === versionOrName);
  const named = subjects.filter((s) => s.name === versionOrName || s.provider === versionOrName);
  const meant = new Set(carrying.length > 0 ? carrying : named);
  const names = new Set([...meant].map((s) => s.name));
  const isChosen = subjects.map((s) => meant.has(s) || (s.version === null && names.has(s.name)));
  const chosen = subjects.filter((_, n) => isChosen[n]);
  if (chosen.length === 0) return undefined;
  if (chosen.length === subjects.length) return { counts, hazards, subjects };
  if (cases.some((one) => one.subject === null)) return undefined;
  const own = cases.filter((one) => one.subject !== null && isChosen[one.subject]);
  const share = chosen.reduce((sum, s) => sum + s.share, 0);
  return { counts: countOf(own), hazards: narrowed(hazards, own, share), subjects: chosen };
}

/**
 * What a file says about a release of this version. Where subjects carry the version, theirs are the cases that count,
 * and a finding `other-subjects` tells what was left out. Everything is kept when no subject carries it, or when the
 * file cannot be taken apart: what is then said about other versions shows in `subjects`.
 */
export function aboutVersion(
  inspection: Inspection,
  version: string | null,
): SubjectPart & Pick<Inspection, 'findings'> {
  const { counts, hazards, subjects, findings } = inspection;
  const carried = version !== null && subjects.some((s) => s.version === version);
  const part = carried ? forSubject(inspection, version) : undefined;
  const counted = new Set(part?.subjects ?? subjects);
  const others = subjects.filter((s) => !counted.has(s));
  if (part === undefined || others.length === 0) return { counts, hazards, subjects, findings };
  // In front: a list of findings may be cut at its end, and this one says what the figures are about.
  return { ...part, findings: [leftOut(version ?? '', others), ...findings] };
}

/** So many of the subjects left out are named one by one. */
const LISTED = 10;

function leftOut(version: string, others: readonly TestedSubject[]): Finding {
  const told = others.slice(0, LISTED).map((s) => {
    const { total, pass, fail } = s.counts;
    const of = quoted(s.provider ?? s.name);
    return `${total} ${total === 1 ? 'case' : 'cases'} of ${of} (${pass} passed, ${fail} failed)`;
  });
  if (others.length > LISTED) told.push(`those of ${others.length - LISTED} more`);
  const message = `Only the cases of version ${version.slice(0, 80)} count here. Left out: ${told.join(', ')}.`;
  return { code: 'other-subjects', severity: 'info', location: '', message };
}
