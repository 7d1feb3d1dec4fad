import { AGREEING } from '../register/decisions.ts';
import { type Binding, isAbout, type Said } from './binding.ts';
import { type Standing, standingOf, weigh } from './weigh.ts';

/** What the state stands on. A refusal moves the record to a state of its own, so that only agreements are looked at; lists ask the database the same. */
export const standingOn = (decisions: readonly Said[], present: Binding, today: string): Standing =>
  standingOf(
    weigh(
      decisions.filter((d) => d.values.kind !== 'refuse'),
      { kinds: AGREEING, about: (d) => isAbout(present, d), today },
    ),
  );
