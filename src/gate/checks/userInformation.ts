import { linksOf } from '../../register/rec.ts';
import { Checking } from '../checking.ts';
import type { WithOrWithoutRelease } from '../neighbourhood.ts';
import { dayOf, named, nameOf, textOf } from '../reading.ts';
import type { GateCheck } from '../result.ts';

/** What users are told about the system is published, and its day of review has not come. */
export function checkUserInformation(input: WithOrWithoutRelease): GateCheck {
  const c = new Checking('userInformation', 'Information for users is current');
  const { system } = input;
  const about = input.documents.filter(
    (d) =>
      d.values.kind === 'userInformation' &&
      linksOf(d, 'systems').includes(system.ref) &&
      d.state !== 'withdrawn',
  );
  const today = dayOf(input.now);
  const published = about.filter((d) => d.state === 'published');
  const current = published.filter((d) => (textOf(d, 'reviewBy') ?? '') >= today);
  if (current.length > 0) {
    for (const d of current)
      c.good(`${named(d)} is published and was to be reviewed by ${String(d.values.reviewBy)}.`, [d.ref]);
    return c.done();
  }
  const d = published[0] ?? about[0];
  if (d === undefined)
    c.unknown(`There is no information for users of ${named(system)}.`, [system.ref], {
      text: `Write, approve and publish information for users of ${system.ref}`,
      who: nameOf(input, textOf(system, 'owner')),
      ref: system.ref,
      create: 'document',
    });
  else if (d.state === 'published')
    c.unknown(
      `${named(d)} was to be reviewed by ${String(d.values.reviewBy ?? 'an unknown day')}.`,
      [d.ref],
      {
        text: `Review ${d.ref}, whether it fits ${input.release?.ref ?? 'the next release'}`,
        who: nameOf(input, textOf(d, 'owner')),
        ref: d.ref,
        action: 'review',
      },
    );
  else
    c.unknown(`${named(d)} is not published: its state is ${d.state}.`, [d.ref], {
      text: `Have ${d.ref} approved, and publish it`,
      who: nameOf(input, textOf(d, 'owner')),
      ref: d.ref,
    });
  return c.done();
}
