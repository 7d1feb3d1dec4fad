import type { Rec } from '../../register/rec.ts';
import { linksOf } from '../../register/rec.ts';
import { Checking } from '../checking.ts';
import type { GateInput } from '../neighbourhood.ts';
import { isYes, listed, named, nameOf, textOf } from '../reading.ts';
import type { GateCheck } from '../result.ts';

const key = (s: string): string => s.normalize('NFKC').trim().toLowerCase().replace(/\s+/g, ' ');

/** The model that answers in service is one that was approved: of this release, or of the one in use. */
export function checkServed(input: GateInput): GateCheck {
  const c = new Checking('served', 'The model in service is the approved one');
  const { system, release } = input;
  const served = textOf(system, 'servedModel');
  if (served === undefined) {
    c.good(`Which model serves ${named(system)} was not recorded; nothing was compared.`, [system.ref]);
    return c.done();
  }
  const models = modelsOf(input);
  const answering = models.filter((m) => key(textOf(m, 'servedAs') ?? '') === key(served));
  if (answering.length > 0) {
    c.good(`${system.ref} is served by ${served}: ${listed(answering.map(named))}.`, [
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
      `${system.ref} is served by ${served}, and ${named(release)} names no model.`,
      [system.ref, release.ref],
      {
        text: `Name the model in ${release.ref}, or clear "Model in service" of ${system.ref}`,
        who: owner,
        ref: release.ref,
      },
    );
  else if (silent.length > 0)
    c.unknown(
      `${system.ref} is served by ${served}; ${listed(silent.map(named))} ${silent.length === 1 ? 'does' : 'do'} not say under which name ${silent.length === 1 ? 'it answers' : 'they answer'}.`,
      [system.ref, ...silent.map((m) => m.ref)],
      { text: `Fill in "Answers under the name" of ${silent[0]!.ref}`, who: owner, ref: silent[0]!.ref },
    );
  else {
    const approved = models.filter((m) => textOf(m, 'servedAs') !== undefined);
    c.wrong(
      `${system.ref} is served by ${served}; approved ${approved.length === 1 ? 'is' : 'are'} ${listed(approved.map((m) => `${textOf(m, 'servedAs')} (${m.ref})`))}. The model was changed by whoever runs it, and nothing that was tested and approved is about it.`,
      [system.ref, ...models.map((m) => m.ref)],
      {
        text: `Go back to the approved model; or make ${served} a component of a new release, test it and have it approved`,
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
