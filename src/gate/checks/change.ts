import { linksOf } from '../../register/rec.ts';
import { mayBeAlone, notCounted, saying, weigh } from '../approvals.ts';
import { Checking } from '../checking.ts';
import type { GateInput, Of } from '../neighbourhood.ts';
import { listed, named, nameOf, textOf } from '../reading.ts';
import type { GateCheck } from '../result.ts';

const AGREED = ['approved', 'implemented', 'closed'];

/** A change ticket that names this release and this system was approved by somebody other than who asked for it. */
export function checkChange(input: GateInput): GateCheck {
  const c = new Checking('change', mayBeAlone(input) ? 'Change ticket decided' : 'Change ticket approved');
  const { change, release } = input;
  if (!change || !linksOf(release, 'change').includes(change.ref)) {
    c.unknown(`${named(release)} has no change ticket.`, [release.ref], {
      text: `Open a change ticket for ${release.ref} and have it approved`,
      ref: release.ref,
    });
    return c.done();
  }
  checkCovers(c, input, change);
  if (change.state === 'refused')
    c.wrong(`${named(change)} was refused.`, [change.ref], {
      text: `Revise ${change.ref}, or withdraw ${release.ref}`,
      ref: change.ref,
      action: 'revise',
    });
  else checkApproved(c, input, change);
  return c.done();
}

function checkCovers(c: Checking, input: GateInput, change: Of<'change'>): void {
  const { release, system } = input;
  if (!linksOf(change, 'systems').includes(system.ref))
    c.wrong(
      `${named(change)} is a ticket for ${listed(linksOf(change, 'systems')) || 'no system'}, not for ${system.ref}.`,
      [change.ref, system.ref],
    );
  const covered = linksOf(change, 'releases');
  if (covered.includes(release.ref)) return;
  const next = { text: `Name ${release.ref} in ${change.ref} and have it approved again`, ref: change.ref };
  if (covered.length === 0)
    c.unknown(`${named(change)} does not say which release it covers.`, [change.ref, release.ref], next);
  else
    c.wrong(
      `${named(change)} covers ${listed(covered)}, not ${release.ref}.`,
      [change.ref, release.ref],
      next,
    );
}

function checkApproved(c: Checking, input: GateInput, change: Of<'change'>): void {
  const requester = textOf(change, 'owner');
  const w = weigh(input, change, 'approve', requester === undefined ? [] : [requester]);
  for (const r of notCounted(input, change, w)) c.good(r.text, r.records);
  const by = w.counted[0];
  if (AGREED.includes(change.state) && by) {
    c.good(
      `${saying(input, by, 'approved')} ${named(change)}, which ${nameOf(input, requester)} asked for (${by.ref}).`,
      [change.ref, by.ref],
    );
    return;
  }
  const why = AGREED.includes(change.state)
    ? 'nobody other than its requester and authors has approved it as it is now'
    : `its state is ${change.state}`;
  c.unknown(`${named(change)} is not approved: ${why}.`, [change.ref], {
    text: `Have ${change.ref} approved by somebody other than its requester`,
    who: `approver of ${input.system.ref} or designated management`,
    ref: change.ref,
    action: change.state === 'draft' ? 'submit' : 'approve',
  });
}
