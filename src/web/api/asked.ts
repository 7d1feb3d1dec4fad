import type { RecordList } from '../../answers/record.ts';
import type { FieldOf, LinkOf, StateOf } from '../../register/rec.ts';
import type { Register } from '../../register/register.ts';
import type { RegisterName, Registers } from '../../registers/index.ts';
import { askRecords } from './client.ts';

type Sought = string | readonly string[];
type Told<R extends Register> = FieldOf<R> | LinkOf<R>;

/** What a list is asked for: only what the declaration of the register knows can be named. */
export type Asked<R extends Register> = {
  readonly [K in Told<R> | `${FieldOf<R>}.${'gte' | 'lte'}` | 'ref']?: Sought;
} & {
  readonly state?: StateOf<R> | readonly StateOf<R>[];
  readonly sort?: `${'' | '-'}${Told<R> | 'number' | 'updatedAt'}`;
  readonly limit?: number;
  readonly total?: boolean;
  /** The earlier state that is asked about. */
  readonly asOf?: string | undefined;
  /** Where the page before ended. */
  readonly after?: string;
};

/** A page of one register's records, with the types of its declaration. */
export function getRecords<N extends RegisterName>(
  base: string,
  register: N,
  asked: Asked<Registers[N]>,
): Promise<RecordList<Registers[N]>> {
  const filters: Record<string, string> = {};
  for (const [name, v] of Object.entries(asked)) if (v !== undefined && v !== '') filters[name] = String(v);
  return askRecords(base, register, filters);
}
