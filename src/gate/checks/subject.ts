import { linksOf } from '../../register/rec.ts';
import { Checking } from '../checking.ts';
import { goneAs, isYes, named, textOf } from '../reading.ts';
import type { GateCheck } from '../result.ts';
import type { GateInput, Of } from '../surroundings.ts';
import { say } from '../words/subject.ts';
import { title } from '../words/titles.ts';

const DIGEST = /^(sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/;

/** Kinds that decide what the system does; the others may go by name and version. */
const IDENTIFIED = ['model', 'dataset'];

/** The release says exactly what it consists of, and it is still on its way. */
export function checkSubject(input: GateInput): GateCheck {
  const c = new Checking('subject', title('subject'));
  const { release, system } = input;
  checkOnItsWay(c, release);
  if (!linksOf(release, 'system').includes(system.ref))
    c.wrong(say('otherSystem', { release: named(release), system: named(system) }), [
      release.ref,
      system.ref,
    ]);
  const wanted = linksOf(release, 'components');
  if (wanted.length === 0) {
    c.unknown(say('noComponents', { release: named(release) }), [release.ref], {
      ...say('nameComponents', { release: release.ref }),
      ref: release.ref,
    });
    return c.done();
  }
  const absent = wanted.filter((ref) => !input.components.some((x) => x.ref === ref));
  if (absent.length > 0)
    c.unknown(say('unknownComponents', { components: absent, release: release.ref }), [
      release.ref,
      ...absent,
    ]);
  const present = input.components.filter((x) => wanted.includes(x.ref));
  for (const component of present) checkComponent(c, component, system);
  if (present.length > 0)
    c.good(
      say('consistsOf', {
        release: named(release),
        number: present.length,
        components: present.map((x) => x.ref),
      }),
      present.map((x) => x.ref),
    );
  return c.done();
}

function checkOnItsWay(c: Checking, release: Of<'release'>): void {
  if (release.state === 'draft')
    c.unknown(say('draft', { release: named(release) }), [release.ref], {
      ...say('submit', { release: release.ref }),
      ref: release.ref,
      action: 'submit',
    });
  else if (['refused', 'withdrawn', 'rolledBack'].includes(release.state))
    c.wrong(say('gone', { release: named(release), state: goneAs(release.state) }), [release.ref], {
      ...say('makeNew', { release: release.ref }),
      ref: release.ref,
    });
}

/** It is said exactly what the component is, and that it is one of this system. */
export function checkComponent(c: Checking, component: Of<'component'>, system: Of<'aiSystem'>): void {
  const records = [component.ref];
  if (component.state === 'retired')
    c.wrong(say('retired', { component: named(component) }), records, {
      ...say('replace', { component: component.ref }),
      ref: component.ref,
    });
  if (!linksOf(component, 'systems').includes(system.ref))
    c.unknown(
      say('notOfSystem', { component: named(component), system: system.ref }),
      [component.ref, system.ref],
      {
        ...say('addSystem', { system: system.ref, component: component.ref }),
        ref: component.ref,
      },
    );
  const kind = textOf(component, 'kind') ?? 'component';
  const digest = textOf(component, 'digest');
  if (digest !== undefined) {
    if (!DIGEST.test(digest)) c.wrong(say('noDigest', { component: named(component) }), records);
    return;
  }
  if (!IDENTIFIED.includes(kind)) return;
  const supplier = linksOf(component, 'supplier')[0];
  const version = textOf(component, 'componentVersion');
  if (isYes(component, 'supplierDeclared') && supplier !== undefined && version !== undefined) {
    c.good(say('declared', { component: named(component), version, supplier }), [component.ref, supplier]);
    return;
  }
  c.unknown(say('withoutDigest', { component: named(component), kind }), records, {
    ...say('giveDigest', { component: component.ref }),
    ref: component.ref,
  });
}
