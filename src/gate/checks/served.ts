import type { Rec } from '../../register/rec.ts';
import { linksOf } from '../../register/rec.ts';
import { Checking } from '../checking.ts';
import { isYes, named, nameOf, textOf } from '../reading.ts';
import type { GateCheck } from '../result.ts';
import type { GateInput } from '../surroundings.ts';
import { say } from '../words/served.ts';
import { title } from '../words/titles.ts';

const key = (s: string): string => s.normalize('NFKC').trim().toLowerCase().replace(/\s+/g, ' ');

/** The model that answers in service is one that was approved: of this release, or of the one in use. */
export function checkServed(input: GateInput): GateCheck {
  const c = new Checking('served', title('served'));
  const { system, release } = input;
  const served = textOf(system, 'servedModel');
  if (served === undefined) {
    c.good(say('notRecorded', { system: named(system) }), [system.ref]);
    return c.done();
  }
  const models = modelsOf(input);
  const answering = models.filter((m) => key(textOf(m, 'servedAs') ?? '') === key(served));
  if (answering.length > 0) {
    c.good(say('asApproved', { system: system.ref, served, models: answering.map(named) }), [
      system.ref,
      ...answering.map((m) => m.ref),
    ]);
    return c.done();
  }
  const told = models.some((m) => textOf(m, 'servedAs') !== undefined);
  // Beside a model that says its name, one of our own needs none: what a vendor runs could be it.
  const silent = models.filter(
    (m) => textOf(m, 'servedAs') === undefined && (!told || isYes(m, 'supplierDeclared')),
  );
  const owner = nameOf(input, textOf(system, 'owner'));
  if (models.length === 0)
    c.unknown(
      say('noModelNamed', { system: system.ref, served, release: named(release) }),
      [system.ref, release.ref],
      {
        ...say('nameModel', { release: release.ref, system: system.ref }),
        who: owner,
        ref: release.ref,
      },
    );
  else if (silent.length > 0)
    c.unknown(
      say('namesUnknown', { system: system.ref, served, number: silent.length, models: silent.map(named) }),
      [system.ref, ...silent.map((m) => m.ref)],
      { ...say('fillInName', { model: silent[0]!.ref }), who: owner, ref: silent[0]!.ref },
    );
  else {
    const approved = models.filter((m) => textOf(m, 'servedAs') !== undefined);
    c.wrong(
      say('changed', {
        system: system.ref,
        served,
        number: approved.length,
        models: approved.map((m) => `${textOf(m, 'servedAs')} (${m.ref})`),
      }),
      [system.ref, ...models.map((m) => m.ref)],
      {
        ...say('goBack', { served }),
        who: owner,
        ref: system.ref,
      },
    );
  }
  return c.done();
}

/** Models of the release that is judged, and of the one in use: a release that brings a model comes before it serves. */
function modelsOf(input: GateInput): Rec[] {
  const wanted = linksOf(input.release, 'components');
  const all = [
    ...input.components.filter((x) => wanted.includes(x.ref)),
    ...(input.inUse && input.inUse.allowance.values.subjectDigest === input.inUse.digest
      ? input.inUse.components
      : []),
  ];
  const models = all.filter(
    (x) => x.values.kind === 'model' || (x.values.kind === 'agent' && isYes(x, 'supplierDeclared')),
  );
  return models.filter((m, i) => models.findIndex((o) => o.ref === m.ref) === i);
}
