import { bindingOf } from '../../authority/binding.ts';
import { holds } from '../../register/who.ts';
import { registers } from '../../registers/index.ts';
import { toCovered } from '../../store/authority/covers.ts';
import * as cell from '../../store/db/cells.ts';
import type { Row } from '../../store/db/database.ts';
import { toStored } from '../../store/records/records.ts';
import { notLetThrough } from '../../store/work/gate.ts';
import { isOpen } from './handing-out.ts';
import type { Told, Whose, WorkRule } from './rule.ts';
import { day, next, part, why } from './words.ts';

/** For whoever made the release, asked the gate, or owns its ticket, and may ask the gate again: until it is revised, withdrawn, or let through. */
export const gate: WorkRule = {
  kind: 'gate',
  statement: (w) =>
    isOpen(w, registers.release) && holds(w.person, 'contributor')
      ? notLetThrough(w.app.registry, w)
      : undefined,
  tells: (r, w) => (isOfNow(r, w) ? [tell(r)] : []),
};

/** Was it said of the release, and what it consists of, as they are? */
function isOfNow(r: Row, w: Whose): boolean {
  const release = toStored(r);
  const covered = toCovered(cell.list(cell.object)(r.covered))[release.ref] ?? [];
  const register = w.app.registry.of(registers.release);
  return bindingOf(register, release.ref, release, covered).content.digest === r.digest;
}

/** Longest sentence; the gate has all of it. */
const TOLD = 400;
const CHECKS = cell.list(cell.members({ id: cell.text, status: cell.text, text: cell.maybe(cell.text) }));

function tell(r: Row): Told {
  // What is known to be wrong comes before what is not known.
  const checks = cell.orNull(CHECKS)(r.checks) ?? [];
  const first = checks.find((c) => c.status === 'failed') ?? checks.find((c) => c.status === 'missing');
  const text = first?.text ?? '';
  const says = text
    ? text.length > TOLD
      ? `${text.slice(0, TOLD - 1)}…`
      : text
    : part('check', { id: first?.id ?? '' });
  const params = { day: day(r.judged), gate: cell.text(r.gate), says };
  return {
    rule: r.verdict === 'refuse' ? 'release.refusedByGate' : 'release.insufficientForGate',
    since: String(r.judged),
    urgency: 'soon',
    why: r.verdict === 'refuse' ? why('gateRefused', params) : why('gateInsufficient', params),
    next: { said: next('askGate') },
  };
}
