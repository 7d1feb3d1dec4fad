import type { Given } from '../../register/values.ts';
import { contentsFrom, mergeContents } from '../../register/values.ts';
import type { Registers } from '../../registers/index.ts';
import { registers } from '../../registers/index.ts';
import * as cell from '../../store/db/cells.ts';
import type { Statement } from '../../store/db/database.ts';
import { releaseWaiting, wordsDue } from '../../store/govern/concerns.ts';
import {
  readStatement,
  type StoredWithRelations,
  toStoredWithRelations,
} from '../../store/records/records.ts';
import type { Change } from '../../store/records/write.ts';
import type { App } from '../context.ts';
import { carryOut, type Intended } from '../write/plan.ts';
import { type Message, MOST_MESSAGES, messagesOf } from './concerns.ts';

/** How often to look for an interval that is over (ms). */
const LOOK = 60_000;
/** Concerns entered in one transaction. */
const BATCH = 200;
/** Who stands behind such an entry: nobody who could be told. */
const ANONYMOUS = 'anonymous';
const NOBODY = { ref: ANONYMOUS, as: ANONYMOUS };

type ReleaseApp = Pick<App, 'db' | 'clock' | 'random' | 'log' | 'registry' | 'slots' | 'sequencer'>;

interface Waiting {
  codeHash: string;
  n: number;
  content: Record<string, unknown>;
  ref: string | null;
}

/**
 * Enters what was said without a name: all that waits and whose interval is over, together, in an order that says nothing, at the time of the
 * batch, by `anonymous`. Words leave the waiting table in the transaction that enters them: a process that ends in between loses none and
 * enters none twice, and any number of processes may do this.
 */
export class ConcernRelease {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private stopped = false;

  constructor(
    private readonly app: ReleaseApp,
    private readonly o: { look?: number } = {},
  ) {}

  /** Begins to look for what is due. */
  start(): void {
    const look = async () => {
      this.running = this.work().catch((error: Error & { code?: string }) =>
        // The message of the database may hold words of a concern.
        this.app.log(
          `concerns without a name: not entered yet, tried again: ${error.name} ${error.code ?? ''}`,
        ),
      );
      await this.running;
      if (!this.stopped) this.timer = setTimeout(look, this.o.look ?? LOOK);
    };
    this.timer = setTimeout(look, Math.min(1_000, this.o.look ?? LOOK));
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** Enters everything that is due, of every organisation. Answers how many concerns and messages. */
  async work(): Promise<void> {
    const { db, clock } = this.app;
    for (const o of await db.organisationsWith('words that are due', clock.now()))
      for (;;) if ((await this.batch(o.id)) < BATCH) break;
  }

  /** One transaction of at most `BATCH` concerns; answers how many. */
  private async batch(organisation: number): Promise<number> {
    const { app } = this;
    const at = app.clock.now();
    const [rows] = await app.db.run(organisation, [wordsDue(BATCH, at)]);
    if (rows!.length === 0) return 0;
    const words = rows!.map((r) => ({
      codeHash: cell.text(r.code_hash),
      n: cell.number(r.n),
      content: cell.object(r.content),
      ref: cell.textOrNull(r.ref),
    }));
    const byCode = new Map<string, Waiting[]>();
    for (const w of words) byCode.set(w.codeHash, [...(byCode.get(w.codeHash) ?? []), w]);
    const register = app.registry.of(registers.concern);
    const refs = [...new Set(words.flatMap((w) => (w.ref ? [w.ref] : [])))];
    const [held] = await app.db.run(organisation, [readStatement(register, refs)]);
    const existing = new Map(held!.map((r) => [cell.text(r.ref), toStoredWithRelations(r)]));
    const records: Intended[] = [];
    const behind: Waiting[][] = [];
    const grown = new Map<string, { before: StoredWithRelations; messages: Message[]; words: Waiting[] }>();
    // By the digest of a random code: the order of numbers and entries is not the order in which people wrote.
    for (const [, mine] of [...byCode].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const ref = mine[0]!.ref;
      const said = messagesIn(mine);
      if (ref) {
        const before = existing.get(ref)!;
        const one = grown.get(ref) ?? { before, messages: messagesOf(before), words: [] };
        grown.set(ref, { before, messages: [...one.messages, ...said], words: [...one.words, ...mine] });
        continue;
      }
      const { title, content } = mine[0]!.content;
      const input: Given<Registers['concern']> = {
        title,
        content,
        anonymous: true,
        ...(said.length > 0 ? { messages: said } : {}),
      };
      const contents = contentsFrom(register, input, 'engine');
      // Whether it came from inside or outside cannot be told.
      delete contents.values.from;
      records.push({ register, contents, state: register.states[0]!, act: 'create', actor: NOBODY });
      behind.push(mine);
    }
    for (const { before, messages, words: mine } of grown.values()) {
      const part = { values: { messages: messages.slice(0, MOST_MESSAGES) } };
      const contents = mergeContents(register, before, part);
      records.push({ register, before, contents, state: before.state, act: 'edit', actor: NOBODY });
      behind.push(mine);
    }
    const also = (made: readonly Change[]): Statement[] => {
      const taken = made.flatMap(({ id }, i) =>
        behind[i]!.map(({ codeHash, n }) => ({ codeHash, n, concern: id })),
      );
      return [releaseWaiting(taken)];
    };
    await carryOut(app, { actor: { organisation, ref: ANONYMOUS } }, { records, at, also }, () => undefined);
    return byCode.size;
  }
}

const messagesIn = (words: readonly Waiting[]): Message[] =>
  words.filter((w) => w.n > 0).map((w) => ({ from: 'raiser', text: String(w.content.text) }));
