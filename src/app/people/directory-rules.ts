import { isManagement, ofManagement } from '../../authority/rules-of-registers.ts';
import { Failure } from '../../base/failure.ts';
import { failed } from '../../base/refusals.ts';
import { holds, ROLES } from '../../register/who.ts';
import { registers } from '../../registers/index.ts';
import { onAny, onChange, type Rule } from '../write/rule.ts';

/** Rules about the people and keys of the directory. */
export const directoryRules: readonly Rule[] = [
  /** Nobody is their own line manager. */
  onChange(registers.person, 'manager', ({ ask, contents, before }) => {
    if (ask.actor.kind === 'engine') return;
    if (contents.values.manager !== before.ref || before.values.manager === before.ref) return;
    throw new Failure(
      'INVALID',
      `Person: manager: ${before.ref} cannot be their own line manager; name somebody else, or nobody.`,
      [{ path: '/manager', message: 'is the person themselves' }],
    );
  }),

  /** As for the steps that open a person's roles to others: an address is where an invitation goes. */
  onChange(registers.person, 'email', ({ ask, contents, before }) => {
    if (ask.actor.kind === 'engine' || contents.values.email === before.values.email) return;
    const out = ofManagement(ask.actor, before, '/email');
    if (out) throw failed(out);
  }),

  /** Nobody changes their own roles, and only top management makes management. */
  onAny(registers.person, 'roles', ({ ask, contents, before }) => {
    if (ask.actor.kind === 'engine') return;
    const now = contents.values.roles ?? [];
    const was = before?.values.roles ?? [];
    const touched = [...now.filter((r) => !was.includes(r)), ...was.filter((r) => !now.includes(r))];
    if (touched.length === 0) return;
    if (before?.ref === ask.actor.ref)
      throw new Failure(
        'OWN_WORK',
        'Nobody changes their own roles; ask another AIMS manager or top management.',
        [{ path: '/roles', message: 'cannot be changed by the person themselves' }],
      );
    for (const role of touched)
      if (isManagement(role) && !holds(ask.actor, 'topManagement'))
        throw new Failure('NOT_ALLOWED', `Only top management grants or withdraws the role ${ROLES[role]}.`, [
          { path: '/roles', message: `${ROLES[role]} is granted by top management` },
        ]);
  }),
];
