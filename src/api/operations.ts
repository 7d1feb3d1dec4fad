import type { Registry } from '../register/register.ts';
import { accountOperations } from './account.ts';
import { actionOperations } from './actions.ts';
import { assureOperations } from './assure.ts';
import { besideOperations } from './beside.ts';
import { bulkOperations } from './bulk.ts';
import { componentOperations } from './components.ts';
import { concernOperations } from './concerns.ts';
import { differenceOperations } from './differences.ts';
import { effectOperations } from './effects.ts';
import { erasureOperations } from './erasure.ts';
import { governOperations } from './govern.ts';
import { logAdminOperations } from './log-admin.ts';
import { logStampOperations } from './log-stamps.ts';
import { myWorkOperations } from './myWork.ts';
import type { Operation } from './operation.ts';
import type { ServerOptions } from './options.ts';
import { packOperations } from './pack.ts';
import { peopleOperations } from './people.ts';
import { proportionOperations } from './proportion.ts';
import { recordOperations } from './records.ts';
import { riskOperations } from './risk.ts';
import { searchOperations } from './search.ts';
import { witnessOperations } from './witnesses.ts';

/** Every operation there is. A special one takes the place of the derived one with the same method and path. */
export function allOperations(
  registry: Registry,
  o: Pick<ServerOptions, 'firstRunToken' | 'demo' | 'version'>,
): Operation[] {
  const special = [
    ...accountOperations(o),
    ...actionOperations(o.version),
    ...componentOperations(),
    ...assureOperations(),
    ...differenceOperations(),
    ...effectOperations(registry),
    ...erasureOperations(),
    ...logAdminOperations(),
    ...witnessOperations(),
    ...logStampOperations(),
    ...packOperations(),
    ...riskOperations(),
    ...searchOperations(),
    ...governOperations(registry),
    ...concernOperations(),
    ...peopleOperations(),
    ...besideOperations(),
    ...bulkOperations(),
    ...myWorkOperations(),
    ...proportionOperations(),
  ];
  const taken = new Set(special.map((s) => `${s.method} ${s.path}`));
  const derived = recordOperations(registry);
  const inputs = new Map(derived.map((d) => [`${d.method} ${d.path}`, d]));
  return [
    // What the declaration says about the body holds for the special one as well.
    ...special.map((s) => ({ ...pick(inputs.get(`${s.method} ${s.path}`)), ...s })),
    ...derived.filter((d) => !taken.has(`${d.method} ${d.path}`)),
  ];
}

const pick = (d: Operation | undefined): Partial<Operation> =>
  d ? { input: d.input, register: d.register, answer: d.answer } : {};
