import { linksOf } from '../../register/rec.ts';
import { Checking } from '../checking.ts';
import type { GateInput, Of } from '../neighbourhood.ts';
import { isYes, listed, named, plural, textOf } from '../reading.ts';
import type { GateCheck } from '../result.ts';

const DIGEST = /^(sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/;

/** Kinds that decide what the system does; the others may go by name and version. */
const IDENTIFIED = ['model', 'dataset'];

/** The release says exactly what it consists of, and it is still on its way. */
export function checkSubject(input: GateInput): GateCheck {
  const c = new Checking('subject', 'Components identified by digest');
  const { release, system } = input;
  checkOnItsWay(c, release);
  if (!linksOf(release, 'system').includes(system.ref))
    c.wrong(`${named(release)} is not a release of ${named(system)}.`, [release.ref, system.ref]);
  const wanted = linksOf(release, 'components');
  if (wanted.length === 0) {
    c.unknown(
      `${named(release)} names no components, so nothing says what would be shipped.`,
      [release.ref],
      {
        text: `Name the components of ${release.ref}`,
        ref: release.ref,
      },
    );
    return c.done();
  }
  const absent = wanted.filter((ref) => !input.components.some((x) => x.ref === ref));
  if (absent.length > 0)
    c.unknown(`Nothing is known about ${listed(absent)}, named by ${release.ref}.`, [release.ref, ...absent]);
  const present = input.components.filter((x) => wanted.includes(x.ref));
  for (const component of present) checkComponent(c, component, system);
  if (present.length > 0)
    c.good(
      `${named(release)} consists of ${plural(present.length, 'component')}: ${listed(present.map((x) => x.ref))}.`,
      present.map((x) => x.ref),
    );
  return c.done();
}

function checkOnItsWay(c: Checking, release: Of<'release'>): void {
  if (release.state === 'draft')
    c.unknown(`${named(release)} is still a draft.`, [release.ref], {
      text: `Submit ${release.ref}`,
      ref: release.ref,
      action: 'submit',
    });
  else if (['refused', 'withdrawn', 'rolledBack'].includes(release.state))
    c.wrong(
      `${named(release)} was ${release.state === 'rolledBack' ? 'rolled back' : release.state}.`,
      [release.ref],
      {
        text: `Make a new release, or revise ${release.ref}`,
        ref: release.ref,
      },
    );
}

/** It is said exactly what the component is, and that it is one of this system. */
export function checkComponent(c: Checking, component: Of<'component'>, system: Of<'aiSystem'>): void {
  const records = [component.ref];
  if (component.state === 'retired')
    c.wrong(`${named(component)} is retired.`, records, {
      text: `Replace ${component.ref} in the release`,
      ref: component.ref,
    });
  if (!linksOf(component, 'systems').includes(system.ref))
    c.unknown(
      `${named(component)} is not recorded as a component of ${system.ref}.`,
      [component.ref, system.ref],
      {
        text: `Add ${system.ref} to the systems of ${component.ref}`,
        ref: component.ref,
      },
    );
  const kind = textOf(component, 'kind') ?? 'component';
  const digest = textOf(component, 'digest');
  if (digest !== undefined) {
    if (!DIGEST.test(digest))
      c.wrong(
        `The digest of ${named(component)} is not one: it must be sha256, sha384 or sha512 with its hex digits.`,
        records,
      );
    return;
  }
  if (!IDENTIFIED.includes(kind)) return;
  const supplier = linksOf(component, 'supplier')[0];
  const version = textOf(component, 'componentVersion');
  if (isYes(component, 'supplierDeclared') && supplier !== undefined && version !== undefined) {
    c.good(
      `${named(component)}, version ${version}, is known only by what ${supplier} says about it: it has no digest.`,
      [component.ref, supplier],
    );
    return;
  }
  c.unknown(`${named(component)} is a ${kind} without a digest.`, records, {
    text: `Give ${component.ref} its digest; or, for a hosted model, its supplier, its version, and that only the supplier identifies it`,
    ref: component.ref,
  });
}
