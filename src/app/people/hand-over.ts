import { recOf, type StateOf, type StepOf } from '../../register/rec.ts';
import { asList, type Register } from '../../register/register.ts';
import type { Given } from '../../register/values.ts';
import { type Contents, changedNames, mergeContents } from '../../register/values.ts';
import type { Registers } from '../../registers/index.ts';
import { registers } from '../../registers/index.ts';
import { heldBy } from '../../store/records/owned.ts';
import type { Stored } from '../../store/records/records.ts';

/** What a record becomes when somebody else takes over in it. */
export interface Taken {
  contents: Contents;
  state: string;
  /** The step that goes with it, where taking over is not an edit. */
  transition?: string;
}

/**
 * The record with `to` in every place that `from` held. Only the people change, so locked records are taken over too. An appointment is the word of
 * whoever accepted it: the successor has to accept it themselves, and shows a competence of their own. A delegation ends with either of its people.
 */
export function takenOver(register: Register, before: Stored, from: string, to: string): Taken {
  if (register.name === registers.responsibility.name) return responsibility(register, before, from, to);
  const contents = inPlaceOf(register, before, from, to);
  if (register.name === registers.audit.name) return audit(register, before, contents);
  return { contents, state: before.state };
}

type Responsibility = Registers['responsibility'];

const RUNNING: StateOf<Registers['audit']> = 'running';
const REVISE: StepOf<Registers['audit']> = 'revise';

/** Whoever audits has declared that nothing audited is theirs, and was looked at: a successor is and does before the audit goes on. */
function audit(register: Register, before: Stored, contents: Contents): Taken {
  const back = register.transitions[REVISE]!;
  return before.state === RUNNING && changedNames(before, contents).length > 0
    ? { contents, state: back.to, transition: REVISE }
    : { contents, state: before.state };
}

/** The contents with one person in place of another; a list names each person once. */
function inPlaceOf(register: Register, before: Stored, from: string, to: string): Contents {
  const values: Record<string, unknown> = {};
  for (const name of heldBy(register)) {
    const v = before.values[name];
    // Whoever takes over from their own line manager does not become their own.
    if (v === from) values[name] = before.ref === to ? null : to;
    else if (Array.isArray(v) && v.includes(from))
      values[name] = [...new Set(v.map((p) => (p === from ? to : p)))];
  }
  return mergeContents(register, before, { values });
}

function responsibility(register: Register, before: Stored, from: string, to: string): Taken {
  const said = recOf(registers.responsibility, before).values;
  const lent = said.kind === 'delegation' || said.delegator === from;
  const step = (name: StepOf<Responsibility>) => ({
    to: register.transitions[name]!.to,
    from: asList(register.transitions[name]!.from),
  });
  if (lent)
    return {
      contents: { values: before.values, links: before.links },
      state: step('end').to,
      transition: 'end',
    };
  const contents = mergeContents(register, inPlaceOf(register, before, from, to), {
    values: { competenceShown: null } satisfies Given<Responsibility>,
    links: { evidence: [] } satisfies Given<Responsibility>,
  });
  const back = step('change');
  return back.from.includes(before.state)
    ? { contents, state: back.to, transition: 'change' }
    : { contents, state: before.state };
}
