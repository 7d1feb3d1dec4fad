import type { Urgency, WorkItem, WorkKind } from '../../answers/work.ts';
import type { Sentence } from '../../base/sentence.ts';
import type { Finding } from '../../facts/finding.ts';
import type { WorkOf } from '../../store/authority/work.ts';
import * as cell from '../../store/db/cells.ts';
import type { Row, Statement } from '../../store/db/database.ts';
import type { Stored } from '../../store/records/records.ts';
import type { App } from '../context.ts';
import { daysBetween } from './words.ts';

/** Whose work is asked for. */
export interface Whose extends WorkOf {
  app: App;
  /** They ask for themselves. */
  own: boolean;
}

/** What stands for a reason that was not read, because nobody is shown it. */
export const UNTOLD: Sentence = { message: '', params: {}, text: '' };

/** What a rule tells about the record of a row. */
export interface Told {
  /** The rule by which it is found, such as `risk.aboveAppetite`. */
  readonly rule: string;
  readonly why: Sentence;
  readonly since?: string | null;
  readonly due?: string | null;
  /** By its day, unless told. */
  readonly urgency?: Urgency;
  readonly next: { readonly said: Sentence; readonly step?: string };
}

/**
 * One source of work: what waits for a person, by what they are to the records. Its statement is bounded by the person and by `most`, never by how much
 * there is; a row is a record that somebody has to do something about, and gives the findings on it.
 */
export interface WorkRule {
  readonly kind: WorkKind;
  /** Undefined where nothing of the kind can be theirs. */
  readonly statement: (w: Whose) => Statement | undefined;
  /** `criteria` are those in force. */
  readonly tells: (row: Row, w: Whose, criteria: Stored | undefined) => readonly Told[];
}

/** Something that waits for somebody: always something that is not met, with what to do about it. */
export interface WorkFinding extends Finding {
  readonly next: NonNullable<Finding['next']>;
  readonly kind: WorkKind;
  readonly row: Row;
  readonly since: string | null;
  readonly due: string | null;
  readonly urgency: Urgency;
}

/** What the row of a rule makes for the person. */
export const findingsOf = (rule: WorkRule, row: Row, w: Whose, criteria: Stored | undefined): WorkFinding[] =>
  rule.tells(row, w, criteria).map((told) => {
    const subject = cell.text(row.ref);
    const due = told.due ?? null;
    const { said, step } = told.next;
    return {
      rule: told.rule,
      subject,
      status: 'notMet',
      reasons: [{ said: told.why, records: [subject] }],
      next: { said, who: w.person.ref, ref: subject, ...(step ? { action: step } : {}) },
      kind: rule.kind,
      row,
      since: told.since ?? null,
      due,
      urgency: told.urgency ?? urgencyOf(due, w.today),
    };
  });

const LENDER = cell.members({ ref: cell.text, name: cell.text });

/** For whom it is decided, where it is not the person's own part. */
export const lenderOf = (r: Row): { ref: string; name: string } | undefined => cell.maybe(LENDER)(r.for);

/** A finding as it is answered. */
export function itemOf({ kind, rule, row, reasons, since, due, urgency, next }: WorkFinding): WorkItem {
  const { said } = reasons[0]!;
  const lender = lenderOf(row);
  return {
    kind,
    rule,
    ref: cell.text(row.ref),
    register: cell.text(row.register),
    title: cell.text(row.title),
    state: cell.text(row.state),
    why: said.text,
    message: said.message,
    params: said.params,
    since,
    due,
    urgency,
    ...(lender ? { for: lender } : {}),
    next: {
      label: next.said.text,
      ...(next.action ? { transition: next.action } : {}),
      message: next.said.message,
      params: next.said.params,
    },
  };
}

function urgencyOf(due: string | null, today: string): Urgency {
  if (due === null) return 'waiting';
  const left = daysBetween(today, due);
  return left < 0 ? 'overdue' : left <= 7 ? 'soon' : 'later';
}
