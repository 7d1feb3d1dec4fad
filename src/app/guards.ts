import { Failure } from '../base/failure.ts';
import type { Register } from '../register/register.ts';
import type { Contents } from '../register/values.ts';
import { holds, ROLES, type Role } from '../register/who.ts';
import type { Stored } from '../store/records.ts';
import type { App, Asking } from './context.ts';
import { API_KEY, PERSON } from './names.ts';

interface Guarded {
  app: App;
  ask: Asking;
  register: Register;
  contents: Contents;
  before?: Stored;
  transition?: string;
}

/** A rule about one register that its declaration cannot say. It throws; what it lets pass is stored. */
type Guard = (g: Guarded) => void | Promise<void>;

const GUARDS: Readonly<Record<string, Guard>> = {
  [PERSON]: guardPerson,
  [API_KEY]: guardApiKey,
};

export const guardFor = (register: Register): Guard | undefined => GUARDS[register.name];

/** Nobody changes their own roles, and only top management makes management. */
function guardPerson({ ask, contents, before }: Guarded): void {
  if (ask.actor.kind === 'engine') return;
  const now = (contents.values.roles as Role[] | undefined) ?? [];
  const was = (before?.values.roles as Role[] | undefined) ?? [];
  const touched = [...now.filter((r) => !was.includes(r)), ...was.filter((r) => !now.includes(r))];
  if (touched.length === 0) return;
  if (before?.ref === ask.actor.ref)
    throw new Failure(
      'OWN_WORK',
      'Nobody changes their own roles; ask another AIMS manager or top management.',
      [{ path: '/roles', message: 'cannot be changed by the person themselves' }],
    );
  for (const role of touched) {
    const high = role === 'topManagement' || role === 'designatedManagement';
    if (high && !holds(ask.actor, 'topManagement'))
      throw new Failure('NOT_ALLOWED', `Only top management grants or withdraws the role ${ROLES[role]}.`, [
        { path: '/roles', message: `${ROLES[role]} is granted by top management` },
      ]);
  }
}

/** A key ends, within a year. */
function guardApiKey({ app, contents, before }: Guarded): void {
  // An edit must not stretch a key's life either.
  if (before && before.values.expires === contents.values.expires) return;
  const end = String(contents.values.expires);
  const today = app.clock.now();
  const limit = new Date(today.getTime() + 366 * 86_400_000).toISOString().slice(0, 10);
  if (end <= today.toISOString().slice(0, 10) || end > limit)
    throw new Failure('INVALID', `A key must end between tomorrow and ${limit}; got ${end}.`, [
      { path: '/expires', message: `must be between tomorrow and ${limit}` },
    ]);
}
