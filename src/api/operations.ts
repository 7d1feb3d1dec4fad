import type { Registry } from '../register/register.ts';
import { accountOperations } from './account.ts';
import { assureOperations } from './assure.ts';
import { besideOperations } from './comments-and-bulk.ts';
import { componentOperations } from './components.ts';
import { concernOperations } from './concerns.ts';
import { erasureOperations } from './erasure.ts';
import { evidenceOperations } from './evidence.ts';
import { gateOperations } from './gate.ts';
import { governOperations } from './govern.ts';
import { homeOperations } from './home.ts';
import { ledgerOperations } from './ledger.ts';
import type { Operation } from './operation.ts';
import type { ServerOptions } from './options.ts';
import { peopleOperations } from './people.ts';
import { recordOperations } from './records.ts';
import { riskOperations } from './risk.ts';
import { rowOperations } from './rows.ts';
import { workOperations } from './work.ts';

/** Every operation there is. A special one takes the place of the derived one with the same method and path. */
export function allOperations(
  registry: Registry,
  o: Pick<ServerOptions, 'firstRunToken' | 'demo' | 'version'>,
): Operation[] {
  const special = [
    ...accountOperations(o),
    ...homeOperations(o.version),
    ...evidenceOperations(),
    ...gateOperations(),
    ...componentOperations(),
    ...assureOperations(),
    ...erasureOperations(),
    ...ledgerOperations(),
    ...riskOperations(),
    ...rowOperations(),
    ...governOperations(),
    ...concernOperations(),
    ...peopleOperations(),
    ...besideOperations(),
    ...workOperations(),
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
  d ? { input: d.input, register: d.register } : {};
