import { linksOf } from '../../register/rec.ts';
import { Checking } from '../checking.ts';
import { dayOf, named, nameOf, textOf } from '../reading.ts';
import type { GateCheck } from '../result.ts';
import type { WithOrWithoutRelease } from '../surroundings.ts';
import { title } from '../words/titles.ts';
import { say } from '../words/user-information.ts';

/** What users are told about the system is published, and its day of review has not come. */
export function checkUserInformation(input: WithOrWithoutRelease): GateCheck {
  const c = new Checking('userInformation', title('userInformation'));
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
      c.good(say('current', { document: named(d), day: String(d.values.reviewBy) }), [d.ref]);
    return c.done();
  }
  const d = published[0] ?? about[0];
  if (d === undefined)
    c.unknown(say('none', { system: named(system) }), [system.ref], {
      ...say('write', { system: system.ref }),
      who: nameOf(input, textOf(system, 'owner')),
      ref: system.ref,
      create: 'document',
    });
  else if (d.state === 'published')
    c.unknown(
      textOf(d, 'reviewBy') === undefined
        ? say('wasToBeReviewedSometime', { document: named(d) })
        : say('wasToBeReviewed', { document: named(d), day: String(d.values.reviewBy) }),
      [d.ref],
      {
        ...(input.release
          ? say('review', { document: d.ref, release: input.release.ref })
          : say('reviewForNext', { document: d.ref })),
        who: nameOf(input, textOf(d, 'owner')),
        ref: d.ref,
        action: 'review',
      },
    );
  else
    c.unknown(say('notPublished', { document: named(d), state: d.state }), [d.ref], {
      ...say('publish', { document: d.ref }),
      who: nameOf(input, textOf(d, 'owner')),
      ref: d.ref,
    });
  return c.done();
}
