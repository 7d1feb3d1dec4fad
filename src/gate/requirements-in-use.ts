import { linksOf } from '../register/rec.ts';
import { monthsBefore, named, plural, textOf } from './reading.ts';
import type { Requirement } from './requirement.ts';
import { item, type Known, of, refs, stands } from './requirement-parts.ts';

// What a class asks of a system that is in use: a way back, drills, something that watches, and no emergency beyond its hours.

/** A way back that is approved. */
export function rollback(d: Known): Requirement {
  const asks = 'A way back to a named target, approved.';
  const there = of(d, 'rollbackPlan', ['approved']).filter((r) => stands(d, r));
  if (there[0])
    return item('rollback', 'Rollback plan', asks, 'done', `${named(there[0])}.`, { records: refs(there) });
  const draft = of(d, 'rollbackPlan', ['draft', 'approved'])[0];
  return item(
    'rollback',
    'Rollback plan',
    asks,
    'missing',
    draft ? `${named(draft)} is not approved as it is now.` : 'There is none.',
    {
      next: draft
        ? { text: `Have ${draft.ref} approved`, ref: draft.ref }
        : { text: 'Write a rollback plan', create: d.f.registers.rollbackPlan },
    },
  );
}

/** A drill of this kind that succeeded and was verified; 0 months: none is asked. */
export function drill(d: Known, kind: 'rollback' | 'stop' | 'communication', months: number): Requirement {
  const title = { rollback: 'Rollback drill', stop: 'Stop drill', communication: 'Communication drill' }[
    kind
  ];
  const id = `${kind}Drill`;
  if (months === 0)
    return item(id, title, 'No drill.', 'notAsked', `Not asked of class ${d.policy.riskClass}.`);
  const asks = `Succeeded and verified within ${plural(months, 'month')}.`;
  const all = of(d, 'drill').filter((r) => r.values.kind === kind);
  const held = all
    .filter((r) => r.state === 'verified' && stands(d, r) && r.values.outcome === 'succeeded')
    .map((r) => ({ r, on: textOf(r, 'heldOn') ?? '' }))
    .filter(({ on }) => on !== '' && on <= d.today)
    .sort((a, b) => (a.on < b.on ? 1 : -1))[0];
  if (held && held.on >= monthsBefore(d.f.now, Math.floor(months)))
    return item(id, title, asks, 'done', `${named(held.r)}, held on ${held.on}.`, { records: [held.r.ref] });
  const open = all.find((r) => r.state === 'held' || r.state === 'planned');
  return item(
    id,
    title,
    asks,
    'missing',
    held ? `The last was held on ${held.on}.` : 'None has succeeded yet.',
    {
      next: open
        ? {
            text: `${open.state === 'held' ? 'Have' : 'Hold'} ${open.ref}${open.state === 'held' ? ' verified' : ''}`,
            ref: open.ref,
          }
        : { text: `Plan a ${kind} drill`, create: d.f.registers.drill },
    },
  );
}

/** Something that watches it in use. */
export function monitor(d: Known): Requirement {
  const asks =
    d.policy.riskClass === 'minimal'
      ? 'Somebody looks after it in use: its owner.'
      : 'Watched in use by at least one metric or log.';
  if (d.policy.riskClass === 'minimal')
    return item('monitoring', 'Monitoring', asks, 'notAsked', 'No metric is asked of class minimal.');
  const there = of(d, 'monitor').filter(
    (m) => linksOf(m, 'systems').includes(d.f.system.ref) && m.state === 'running',
  );
  return there.length > 0
    ? item('monitoring', 'Monitoring', asks, 'done', `${plural(there.length, 'monitor')}.`, {
        records: refs(there),
      })
    : item('monitoring', 'Monitoring', asks, 'missing', 'Nothing watches it yet.', {
        next: { text: 'Set up a monitor', create: d.f.registers.monitor },
      });
}

/** Told only where there is one: most systems never have an emergency. */
export function emergencies({ f }: Known): Requirement[] {
  return (f.emergencyUse ?? []).map((e) => {
    const over = Date.parse(e.until) <= Date.parse(f.now);
    return item(
      'emergency',
      'Emergency',
      'A release that is in use by an emergency decision is taken back or replaced within its hours.',
      over ? 'missing' : 'done',
      over
        ? `${e.release} (${e.title}) is still in use; the decision ended at ${e.until}.`
        : `${e.release} (${e.title}) is in use; the decision ends at ${e.until}.`,
      {
        records: [e.release],
        ...(over
          ? { next: { text: 'Roll it back, or ship a release with a ticket of its own', ref: e.release } }
          : {}),
      },
    );
  });
}
