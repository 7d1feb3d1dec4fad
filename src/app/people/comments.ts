import type { Comments, CommentView } from '../../answers/comments-and-bulk.ts';
import { ownStep } from '../../authority/own-right.ts';
import { Failure } from '../../base/failure.ts';
import { recOf } from '../../register/rec.ts';
import type { Register } from '../../register/register.ts';
import { notThere } from '../../register/said.ts';
import { slotsOf } from '../../register/slots.ts';
import { admittedAs } from '../../register/who.ts';
import { type Registers, registers } from '../../registers/index.ts';
import * as cell from '../../store/db/cells.ts';
import {
  commentCount,
  commentKnown,
  commentPeople,
  commentSubject,
  commentsOf,
} from '../../store/people/comments.ts';
import { type Stored, toStored } from '../../store/records/records.ts';
import type { App, Asking } from '../context.ts';
import { demandRead } from '../write/access.ts';
import { type Along, type Guarded, onAny, type Rule } from '../write/rule.ts';

/** Rules about comments: they stand beside a record that their author can read, and mention people who are there. */
export const commentRules: readonly Rule[] = [
  onAny(registers.comment, 'hidden', demandOpenSubject),
  onAny(registers.comment, 'reaches', demandReach),
];

/** Somebody mentioned in a comment's text. */
const MENTION = /@(PSN-\d{4,9})(?!\d)/g;

/** People whom a text mentions, each once, in its order. */
export const mentionsIn = (text: string): string[] => [
  ...new Set([...text.matchAll(MENTION)].map((m) => m[1]!)),
];

/** The record exists and its author can read it; the people mentioned are in the directory. `mentions` is computed here, nowhere else. */
async function demandReach({
  app,
  ask,
  contents,
  before,
  transition,
}: Guarded<Registers['comment']>): Promise<Along> {
  if (transition) return {};
  const subject = String(contents.values.subject);
  const mentions = mentionsIn(String(contents.values.content));
  const known = await knownOf(app, ask.actor.organisation, [subject, ...mentions]);
  const record = known.get(subject);
  const register = app.registry.ofRef(subject);
  // Not readable and not there are the same answer: nobody learns which numbers exist.
  if (
    !record ||
    !register ||
    (!admittedAs(ask.actor, register.permissions.read) && ask.actor.kind !== 'engine')
  )
    throw new Failure(
      'INVALID',
      `There is no record ${subject.slice(0, 40)} for you; a comment stands beside a record that you can read, such as SYS-0001.`,
      [{ path: '/subject', message: 'is no record that you can read' }],
    );
  const was = before?.values.mentions ?? [];
  const problems = mentions
    .filter((m) => !was.includes(m))
    .flatMap((m) => {
      const p = known.get(m);
      if (p?.register !== registers.person.name)
        return [{ path: '/content', message: `@${m} is nobody of this organisation` }];
      if (p.ended) return [{ path: '/content', message: `@${m} has departed and would never read it` }];
      if (record.hiddenFrom.includes(m))
        return [{ path: '/content', message: `@${m} cannot see ${subject}` }];
      return [];
    });
  if (problems.length > 0)
    throw new Failure(
      'INVALID',
      `The comment mentions somebody it cannot reach: ${problems[0]!.message}.`,
      problems,
    );
  const { mentions: _, ...others } = contents.values;
  return { contents: { ...contents, values: mentions.length > 0 ? { ...others, mentions } : others } };
}

/** Everybody reads comments: none is made on what is hidden from some. */
function demandOpenSubject({ app, contents, before }: Guarded<Registers['comment']>): void {
  const subject = contents.values.subject;
  if (before && before.values.subject === subject) return;
  const register = app.registry.ofRef(String(subject ?? ''));
  if (register?.hiddenFrom)
    throw new Failure(
      'NOT_ALLOWED',
      `Comments are read by everybody, and ${register.label.many.toLowerCase()} are kept from the people they are about: write into the record, or answer the person who raised it there.`,
      [{ path: '/subject', message: 'is a record that is hidden from some' }],
    );
}

interface Known {
  register: string;
  ended: boolean;
  hiddenFrom: string[];
}

/** What is there of these references, as far as whoever asks may see it: one statement. */
async function knownOf(app: App, organisation: number, refs: readonly string[]): Promise<Map<string, Known>> {
  const [rows] = await app.db.run(organisation, [commentKnown(refs.map((r) => r.slice(0, 40)))]);
  return new Map(
    rows!.map((r) => [
      cell.text(r.ref),
      {
        register: cell.text(r.register),
        ended: app.registry.get(cell.text(r.register)).ended.includes(cell.text(r.state)),
        hiddenFrom: cell.orNull(cell.texts)(r.hidden_from) ?? [],
      },
    ]),
  );
}

/** What is said beside a record, oldest first. Settled ones stay where they were. */
export async function commentsOn(
  app: App,
  ask: Asking,
  register: Register,
  ref: string,
  after: number,
  limit: number,
): Promise<Comments> {
  demandRead(ask, register);
  const comment = app.registry.of(registers.comment);
  const slot = slotsOf(app.slots, registers.comment).subject!;
  const [there, counted, rows, people] = await app.db.run(ask.actor.organisation, [
    commentSubject(register.name, ref),
    commentCount(slot, ref, comment.states[0]),
    commentsOf(slot, ref, after, limit),
    commentPeople(slot, ref, after, limit),
  ]);
  if (there!.length === 0) throw notThere(register, ref);
  const all = rows!.map(toStored);
  const items = all.slice(0, limit);
  return {
    register: registers.comment.name,
    mayAdd: admittedAs(ask.actor, comment.permissions.create) !== undefined,
    items: items.map((c) => viewOf(ask, comment, c)),
    total: cell.number(counted![0]!.total),
    open: cell.number(counted![0]!.open),
    next: all.length > limit ? items.at(-1)!.number : null,
    references: Object.fromEntries(
      people!.map((r) => [
        cell.text(r.ref),
        { register: cell.text(r.register), title: cell.text(r.title), state: cell.text(r.state) },
      ]),
    ),
  };
}

function viewOf(ask: Asking, register: Register, c: Stored): CommentView {
  const mentions = recOf(registers.comment, c).values.mentions ?? [];
  const relations = { owner: null, author: c.createdBy, paths: { 'self.mentions': mentions } };
  const settle = Object.entries(register.transitions).find(([, t]) => t.to !== register.states[0]);
  const may = settle && ownStep(ask.actor, register, { ...c, relations, authors: [] }, settle[0], settle[1]);
  return {
    ref: c.ref,
    content: String(c.values.content ?? ''),
    mentions,
    state: c.state,
    version: c.version,
    by: c.createdBy,
    at: c.createdAt,
    edited: c.state === register.states[0] && c.version > 1,
    may: { settle: may !== undefined && 'as' in may },
  };
}
