import type { Committed } from '../../answers/record.ts';
import { deed, mayNot } from '../../authority/refusal.ts';
import { Failure } from '../../base/failure.ts';
import { contentsFrom } from '../../register/values.ts';
import { admittedAs } from '../../register/who.ts';
import { registers } from '../../registers/index.ts';
import type { App, Asking } from '../context.ts';
import { demandRead } from '../write/access.ts';
import { createRuled } from '../write/commit.ts';
import { readRecord } from '../write/idempotent.ts';

/**
 * Opens a nonconformity from an audit finding, filled in with what was seen, and linked to it. Whoever may record nonconformities may, and
 * whoever raised the finding or leads its audit.
 */
export async function openNonconformity(
  app: App,
  ask: Asking,
  ref: string,
  input: { owner?: string; title?: string },
): Promise<Committed> {
  const findings = app.registry.of(registers.auditFinding);
  const register = app.registry.of(registers.nonconformity);
  demandRead(ask, findings);
  const finding = await readRecord(app, ask, findings, ref);
  const as =
    admittedAs(ask.actor, register.permissions.create) ??
    admittedAs(ask.actor, ['author', 'audit.owner'], finding.relations);
  if (!as)
    throw mayNot(
      deed('openNonconformity', { ref }),
      [...register.permissions.create, 'author', 'audit.owner'],
      findings.whoLabels,
    );
  const { values, links, state } = finding;
  if (state !== 'raised' && state !== 'answered')
    throw new Failure(
      'WRONG_STATE',
      `${ref} is ${state}; a nonconformity is opened from a finding that is raised or answered.`,
    );
  if (values.grade === 'conforms')
    throw new Failure('CONFLICT', `${ref} says that it conforms: there is nothing to correct.`);
  const contents = contentsFrom(
    register,
    {
      title: input.title ?? values.title,
      kind: values.grade === 'opportunity' ? 'potential' : 'actual',
      owner: input.owner ?? values.owner,
      foundOn: app.clock.now().toISOString().slice(0, 10),
      criterion: values.criterion,
      what: values.fact,
      findings: [ref],
      ...(links.systems ? { systems: links.systems } : {}),
    },
    'create',
  );
  return createRuled(app, ask, register, contents, { as });
}
