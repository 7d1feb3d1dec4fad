import { linksOf } from '../../register/rec.ts';
import { mayBeAlone, notCounted, saying, weigh } from '../approvals.ts';
import { Checking } from '../checking.ts';
import { named, nameOf, textOf } from '../reading.ts';
import type { GateCheck } from '../result.ts';
import type { GateInput, Of } from '../surroundings.ts';
import { say } from '../words/change.ts';
import { title } from '../words/titles.ts';

const AGREED = ['approved', 'implemented', 'closed'];

/** A change ticket that names this release and this system was approved by somebody other than who asked for it. */
export function checkChange(input: GateInput): GateCheck {
  const c = new Checking('change', mayBeAlone(input) ? title('changeAlone') : title('change'));
  const { change, release } = input;
  if (!change || !linksOf(release, 'change').includes(change.ref)) {
    c.unknown(say('none', { release: named(release) }), [release.ref], {
      ...say('open', { release: release.ref }),
      ref: release.ref,
    });
    return c.done();
  }
  checkCovers(c, input, change);
  if (change.state === 'refused')
    c.wrong(say('refused', { change: named(change) }), [change.ref], {
      ...say('reviseOrWithdraw', { change: change.ref, release: release.ref }),
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
      linksOf(change, 'systems').length > 0
        ? say('otherSystem', {
            change: named(change),
            systems: linksOf(change, 'systems'),
            system: system.ref,
          })
        : say('ticketForNone', { change: named(change), system: system.ref }),
      [change.ref, system.ref],
    );
  const covered = linksOf(change, 'releases');
  if (covered.includes(release.ref)) return;
  const next = { ...say('nameRelease', { release: release.ref, change: change.ref }), ref: change.ref };
  if (covered.length === 0)
    c.unknown(say('coversNone', { change: named(change) }), [change.ref, release.ref], next);
  else
    c.wrong(
      say('coversOthers', { change: named(change), covered, release: release.ref }),
      [change.ref, release.ref],
      next,
    );
}

function checkApproved(c: Checking, input: GateInput, change: Of<'change'>): void {
  const requester = textOf(change, 'owner');
  const w = weigh(input, change, 'approve', requester === undefined ? [] : [requester]);
  for (const r of notCounted(input, change, w)) c.good(r, r.records);
  const by = w.counted[0];
  if (AGREED.includes(change.state) && by) {
    c.good(
      say('approved', {
        saying: saying(input, by, 'approved'),
        change: named(change),
        requester: nameOf(input, requester),
        decision: by.ref,
      }),
      [change.ref, by.ref],
    );
    return;
  }
  c.unknown(
    AGREED.includes(change.state)
      ? say('notApprovedAsItIs', { change: named(change) })
      : say('notApproved', { change: named(change), state: change.state }),
    [change.ref],
    {
      ...say('haveApproved', { change: change.ref }),
      who: `approver of ${input.system.ref} or designated management`,
      ref: change.ref,
      action: change.state === 'draft' ? 'submit' : 'approve',
    },
  );
}
