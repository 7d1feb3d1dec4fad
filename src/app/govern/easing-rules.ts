import { EASES, mayEase as mayEaseAs } from '../../authority/rules-of-registers.ts';
import { Failure } from '../../base/failure.ts';
import { durationSeconds } from '../../register/kinds.ts';
import { contentsAs, type Rec } from '../../register/rec.ts';
import { contentsOf } from '../../register/values.ts';
import { whoText } from '../../register/who.ts';
import { SEVERITIES } from '../../registers/hazard.ts';
import { type Registers, registers } from '../../registers/index.ts';
import { toVersionFound, versionsAtStatement } from '../../store/records/versions-at.ts';
import { type Changed, type Guarded, onChange, onSteps, type Rule } from '../write/rule.ts';

/**
 * What somebody is held to is not eased by themselves alone: how grave a hazard of their system is, until when they answer. What a state settles for
 * everybody, its declaration says (`fixedFrom`); these may be made stricter by whoever edits them.
 */
export const easingRules: readonly Rule[] = [
  onChange(registers.hazard, 'eased', demandHazard),
  onChange(registers.risk, 'eased', demandRisk),
  onSteps(registers.monitor, 'eased', ['start'], demandMonitor, { offered: true }),
  onChange(registers.concern, 'delay', (g) =>
    demandNoDelay(g, g.before.ref, 'answerBy', g.before.values.answerBy, g.contents.values.answerBy),
  ),
  onChange(registers.incident, 'delay', (g) =>
    demandNoDelay(g, g.before.ref, 'reportBy', g.before.values.reportBy, g.contents.values.reportBy),
  ),
];

const mayEase = ({ ask }: Pick<Guarded, 'ask'>): boolean => mayEaseAs(ask.actor);

const refused = (ref: string, path: string, what: string): Failure =>
  new Failure('NOT_ALLOWED', `${ref}: ${what} is for ${whoText(EASES)}.`, [
    { path, message: `is for ${whoText(EASES)}` },
  ]);

const gravity = (severity: (typeof SEVERITIES)[number]): number => -SEVERITIES.indexOf(severity);

/** What releases of a system must be tested for is not taken back by whoever wants to release it. */
function demandHazard(g: Changed<Registers['hazard']>): void {
  const { before, contents } = g;
  if (before.state !== 'confirmed' || mayEase(g)) return;
  // Plans and ratings find its tests by these: other names, and it counts as exercised by tests of something else.
  for (const name of ['code', 'testIds'] as const)
    if (contents.values[name] !== before.values[name])
      throw refused(
        before.ref,
        `/${name}`,
        `to change by what tests a confirmed hazard is found (${g.register.fields[name].label})`,
      );
  if (gravity(contents.values.severity) < gravity(before.values.severity))
    throw refused(
      before.ref,
      '/severity',
      `to grade a confirmed hazard as less than ${before.values.severity}`,
    );
  const gone = (before.links.systems ?? []).filter((s) => !contents.links.systems?.includes(s));
  if (gone.length > 0)
    throw refused(before.ref, '/systems', `to take a confirmed hazard off ${gone.join(', ')}`);
}

/** Closing a risk is for others than its owner; taken off its systems it would be as good as closed, off its hazards no test would move it. */
function demandRisk(g: Changed<Registers['risk']>): void {
  const { ask, before, contents } = g;
  if (mayEase(g)) return;
  // Until it is assessed, whoever wrote it may still have named the wrong one.
  if (before.state === 'open' && before.createdBy === ask.actor.ref) return;
  for (const name of ['systems', 'hazards'] as const) {
    const gone = (before.links[name] ?? []).filter((ref) => !contents.links[name]?.includes(ref));
    if (gone.length > 0) throw refused(before.ref, `/${name}`, `to take a risk off ${gone.join(', ')}`);
  }
}

type MonitorSays = Pick<
  Rec<Registers['monitor']>['values'],
  'kind' | 'threshold' | 'direction' | 'unit' | 'interval' | 'keptFor'
>;

/** A limit that was settled when it was started is not widened by pausing it; who watches may make it stricter. */
async function demandMonitor(g: Changed<Registers['monitor']>): Promise<void> {
  const { app, ask, register, before, contents } = g;
  if (mayEase(g)) return;
  const [rows] = await app.db.run(ask.actor.organisation, [
    versionsAtStatement([{ ref: before.ref, transition: 'start' }]),
  ]);
  if (!rows![0]) return;
  const was = contentsAs(registers.monitor, register, contentsOf(toVersionFound(rows![0]).parts));
  const eased = easedMonitor(was.values, contents.values)[0];
  if (eased) throw refused(before.ref, `/${eased.field}`, `to start it again with ${eased.text}`);
  const gone = (was.links.systems ?? []).filter((ref) => !contents.links.systems?.includes(ref));
  if (gone.length > 0) throw refused(before.ref, '/systems', `to start it again without ${gone.join(', ')}`);
}

/** In what a monitor would show less than it did when it was last started. */
export function easedMonitor(was: MonitorSays, is: MonitorSays): { field: string; text: string }[] {
  const seconds = (v: string | undefined, none: number) => (v === undefined ? none : durationSeconds(v));
  const other = (['kind', 'unit', 'direction'] as const).flatMap((field) =>
    is[field] === was[field] ? [] : [{ field, text: `another ${field}` }],
  );
  const wider =
    was.threshold !== undefined &&
    (is.threshold === undefined ||
      (was.direction === 'atLeast' ? is.threshold < was.threshold : is.threshold > was.threshold));
  return [
    ...other,
    ...(wider
      ? [{ field: 'threshold', text: `a limit of ${is.threshold ?? 'none'} after ${was.threshold}` }]
      : []),
    ...(seconds(is.interval, Infinity) > seconds(was.interval, Infinity)
      ? [{ field: 'interval', text: 'longer times between looks at it' }]
      : []),
    ...(seconds(is.keptFor, 0) < seconds(was.keptFor, 0)
      ? [{ field: 'keptFor', text: 'logs that are kept for less long' }]
      : []),
  ];
}

/** Until when somebody answers, or somebody outside is told, may be brought forward by whoever does it; a first day may be set. */
function demandNoDelay(
  g: Pick<Guarded, 'ask'>,
  ref: string,
  field: string,
  was: string | undefined,
  is: string | undefined,
): void {
  if (was === undefined || mayEase(g) || (is !== undefined && is <= was)) return;
  throw refused(ref, `/${field}`, `to put off ${was}, until when it is to be done,`);
}
