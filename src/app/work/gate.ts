import { bindingOf } from '../../authority/binding.ts';
import { holds } from '../../register/who.ts';
import { registers } from '../../registers/index.ts';
import { coveredListSql, toCovered } from '../../store/authority/covers.ts';
import { HERE } from '../../store/authority/work.ts';
import * as cell from '../../store/db/cells.ts';
import type { Row, Statement } from '../../store/db/database.ts';
import { named } from '../../store/records/named.ts';
import { RECORD_SELECT, toStored } from '../../store/records/records.ts';
import { isOpen } from './handing-out.ts';
import type { Told, Whose, WorkRule } from './rule.ts';
import { day, next, part, why } from './words.ts';

const RELEASE = named.release.register();
const HERE_O = 'o.organisation = (select present_organisation())';

/** So many of the newest words that the person was given by the gate are looked at. */
const WORDS = 200;

/** SQL of the numbers of the releases that may be theirs: they made it, asked the gate about it, or own its ticket. */
const THEIRS = `select o.number from record o where ${HERE_O} and o.register = ${RELEASE} and o.state = ${named.release.state('submitted')} and o.created_by = $1
  union select k.from_number from (select o.id from record o where ${HERE_O} and o.register = ${named.change.register()} and o.owner = $1 offset 0) t
    cross join lateral (select k.from_number from link k where k.organisation = (select present_organisation()) and k.to_id = t.id
      and k.from_register = ${RELEASE} and k.name = ${named.release.link('change')} offset 0) k
  union select x.number from (select o.id from record o where ${HERE_O} and o.register = ${named.gateDecision.register()} and o.created_by = $1
      and o."values"->>${named.gateDecision.field('verdict')} <> 'allow' order by o.number desc limit ${WORDS}) d
    cross join lateral (select k.to_id from link k where k.organisation = (select present_organisation()) and k.from_id = d.id
      and k.name = ${named.gateDecision.link('release')} offset 0) k
    cross join lateral (select o.number from record o where ${HERE_O} and o.id = k.to_id limit 1) x`;

/** Releases that wait and that the gate did not let through when it was asked last. */
const notLetThrough = (w: Whose): Statement => ({
  text: `select ${RECORD_SELECT}, d.ref as gate, d.created_at as judged, d.verdict, d.digest, d.checks, ${coveredListSql(w.app.registry, w.app.registry.of(registers.release), 'r')} as covered
    from (${THEIRS}) c
      cross join lateral (select r.* from record r where r.organisation = (select present_organisation()) and r.register = ${RELEASE}
        and (r.state, r.number) >= (${named.release.state('submitted')}, c.number) and (r.state, r.number) <= (${named.release.state('submitted')}, c.number) limit 1) r
      cross join lateral (select o.ref, o.created_at, o."values"->>${named.gateDecision.field('verdict')} as verdict, o."values"->>${named.gateDecision.field('subjectDigest')} as digest,
          o."values"->${named.gateDecision.field('checks')} as checks
        from link k cross join lateral (select o.* from record o where o.organisation = k.organisation and o.register = ${named.gateDecision.register()} and o.number = k.from_number limit 1) o
        where k.organisation = r.organisation and k.to_id = r.id and k.from_register = ${named.gateDecision.register()} and k.name = ${named.gateDecision.link('release')}
        order by k.from_number desc limit 1) d
    where ${HERE} and $2::text is not null and d.verdict <> 'allow' order by r.number limit ${w.most + 1}`,
  values: [w.person.ref, w.today],
  name: 'work-gate',
});

/** For whoever made the release, asked the gate, or owns its ticket, and may ask the gate again: until it is revised, withdrawn, or let through. */
export const gate: WorkRule = {
  kind: 'gate',
  statement: (w) =>
    isOpen(w, registers.release) && holds(w.person, 'contributor') ? notLetThrough(w) : undefined,
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
