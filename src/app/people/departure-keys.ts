import { Failure } from '../../base/failure.ts';
import { registers } from '../../registers/index.ts';
import * as cell from '../../store/db/cells.ts';
import { keysMadeBy } from '../../store/records/owned.ts';
import { toStored } from '../../store/records/records.ts';
import type { App, Asking } from '../context.ts';
import type { Planned } from '../write/plan.ts';
import { ruled } from '../write/rules.ts';

/** What becomes of the API keys that a leaver made: they may know the secrets, so that whoever lets them go says it. */
export async function planKeys(
  app: App,
  ask: Asking,
  ref: string,
  then: 'keep' | 'revoke' | undefined,
  as: string,
  reason: string,
): Promise<{ planned: Planned[]; kept: string[]; revoked: string[] }> {
  const register = app.registry.of(registers.apiKey);
  const [rows] = await app.db.run(ask.actor.organisation, [keysMadeBy(register, ref)]);
  const keys = rows!.map((row) => ({
    ...toStored(row),
    digest: cell.text(row.digest),
    authors: [],
    worked: {},
    relations: { paths: {} },
  }));
  const refs = keys.map((k) => k.ref);
  if (keys.length === 0) return { planned: [], kept: [], revoked: [] };
  if (then === undefined)
    throw new Failure(
      'CONFLICT',
      `${ref} made ${refs.length === 1 ? 'an API key that still works' : `${refs.length} API keys that still work`}: ${refs.slice(0, 10).join(', ')}. Say what becomes of them: keep, when others use them and the secret is not with ${ref}, or revoke.`,
      [{ path: '/keys', message: 'expected keep or revoke' }],
    );
  if (then === 'keep') return { planned: [], kept: refs, revoked: [] };
  const revoke = register.transitions.revoke!;
  const planned = keys.map((before) =>
    ruled(app, ask, {
      register,
      before,
      contents: before,
      state: revoke.to,
      act: 'transition',
      transition: 'revoke',
      actor: { ref: ask.actor.ref, as },
      reason,
    }),
  );
  return { planned: await Promise.all(planned), kept: [], revoked: refs };
}
