import * as z from 'zod';
import * as account from './account.ts';
import * as assure from './assure.ts';
import * as beside from './comments-and-bulk.ts';
import * as components from './components.ts';
import * as concerns from './concerns.ts';
import * as effects from './effects.ts';
import * as erasure from './erasure.ts';
import * as evidence from './evidence.ts';
import * as exchange from './exchange.ts';
import * as gate from './gate.ts';
import * as govern from './govern.ts';
import * as home from './home.ts';
import * as log from './log.ts';
import * as people from './people.ts';
import * as problem from './problem.ts';
import * as record from './record.ts';
import * as risk from './risk.ts';
import * as rows from './rows.ts';
import * as work from './work.ts';

/** Names that readers of the interface description have known since before answers were written down here. */
const KNOWN: Readonly<Record<string, string>> = {
  changedRecord: 'Record',
  recordList: 'Page',
  importAnswer: 'Import',
};

const PARTS: readonly object[] = [
  account,
  assure,
  beside,
  components,
  concerns,
  effects,
  erasure,
  evidence,
  exchange,
  gate,
  govern,
  home,
  log,
  people,
  problem,
  record,
  risk,
  rows,
  work,
];

/** Every answer, and every part of one that is written down by itself, with its name in the interface description. */
export const namedAnswers = (): Map<z.ZodType, string> =>
  new Map(
    PARTS.flatMap((part) =>
      Object.entries(part).flatMap(([name, schema]): [z.ZodType, string][] =>
        schema instanceof z.ZodType
          ? [[schema, KNOWN[name] ?? `${name.charAt(0).toUpperCase()}${name.slice(1)}`]]
          : [],
      ),
    ),
  );
