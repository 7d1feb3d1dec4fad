import { Failure } from '../../base/failure.ts';
import { messageOf } from '../../base/thrown.ts';
import { evaluateGate } from '../../gate/evaluate.ts';
import { judgeUse } from '../../gate/in-use.ts';
import type { GateInput } from '../../gate/surroundings.ts';
import { dueStatement, keepStatements, toDue, type UseFinding } from '../../store/release/in-use.ts';
import type { App } from '../context.ts';
import type { Ask } from '../read/facts.ts';
import { gateOf } from '../release/gate-facts.ts';
import { USE_NAMES } from '../release/in-use.ts';
import { use } from '../words/in-use.ts';
import { Passes } from './passes.ts';

/** How often to look for what time alone or another process changed (ms), and how long to wait before the first look. */
const LOOK = 60_000;
const FIRST = 1_000;
/** Shortest rest after writes (ms); longer where judging takes longer, so that it takes a fifth of the time at most. */
const REST = 500;
const SHARE = 4;
/** Most releases that are judged in one snapshot. */
const BATCH = 20;
const MINUTE = 60_000;
const DAY = 86_400_000;

/**
 * Judges the releases in use of an organisation that were not judged as things stand now, and keeps what it finds. Safe to run at any time and in any
 * number of processes: what was seen later stays. After each batch it calls `between` with the milliseconds that it took.
 */
export async function judgeUses(
  app: App,
  organisation: number,
  ended: () => boolean = () => false,
  between: (ms: number) => Promise<void> = async () => {},
): Promise<void> {
  // Nobody's view: what the gate says is the same for all who may read the release.
  const db = app.db.as('');
  for (let after = 0; !ended(); ) {
    const began = performance.now();
    const found = await db.converse(
      organisation,
      async (query) => {
        const now = app.clock.now().toISOString();
        const due = (await query(dueStatement(USE_NAMES, now, after, BATCH))).map(toDue);
        after = due.at(-1)?.number ?? after;
        const findings: UseFinding[] = [];
        for (const { id, log, size, release } of due)
          findings.push({ id, log, size, ...(await judged(app, query, release)) });
        return findings;
      },
      { snapshot: true },
    );
    if (found.length > 0) await db.run(organisation, keepStatements(found));
    if (found.length < BATCH) return;
    await between(performance.now() - began);
  }
}

type Judged = Omit<UseFinding, 'id' | 'log' | 'size'>;

async function judged(app: App, query: Ask, release: string): Promise<Judged> {
  try {
    const input = await gateOf(app, query, release);
    const { verdict, because: reasons } = verdictOf(input);
    return { verdict, reasons, judgedAt: input.now, anewAt: holdsUntil(input, verdict) };
  } catch (error) {
    // Of one that cannot be judged that is said, and the others are.
    if (!(error instanceof Failure)) throw error;
    const now = app.clock.now();
    return {
      verdict: 'insufficient',
      reasons: [error.said ?? use('notJudged', { problem: error.message })],
      judgedAt: now.toISOString(),
      anewAt: new Date(now.getTime() + DAY).toISOString(),
    };
  }
}

function verdictOf(input: GateInput) {
  const { checks } = evaluateGate(input);
  if (!input.ownUse) throw new Error(`${input.release.ref} was in use a moment ago, in the same snapshot`);
  return judgeUse(input.ownUse, checks);
}

/**
 * Until when the verdict holds where nothing is written: the end of the day (UTC), or the minute in which time alone changes it. What is judged is the
 * same at any later time, so it is asked for that time.
 */
function holdsUntil(input: GateInput, verdict: string): string {
  let same = Date.parse(input.now);
  let end = (Math.floor(same / DAY) + 1) * DAY;
  const at = (ms: number) => verdictOf({ ...input, now: new Date(ms).toISOString() }).verdict;
  if (at(end - 1) !== verdict)
    while (end - same > MINUTE) {
      const middle = Math.floor((same + end) / 2);
      if (at(middle) === verdict) same = middle;
      else end = middle;
    }
  return new Date(end).toISOString();
}

/**
 * Keeps what the gate would say of every release in use: judged off the path of requests, soon after something was written, and when time alone may have
 * changed it.
 */
export class UseWatch {
  private readonly passes: Passes;

  constructor(
    private readonly app: App,
    o: { look?: number; first?: number; rest?: number } = {},
  ) {
    this.passes = new Passes({
      // Hundreds of releases take seconds: after each batch whoever works has as long for themselves.
      work: (organisation, pass) => judgeUses(app, organisation, pass.ended, pass.pause),
      organisations: () => app.db.organisationsWith('releases in use', app.clock.now()),
      failed: (error) => app.log(`releases in use: ${messageOf(error)}`),
      look: o.look ?? LOOK,
      first: o.first ?? FIRST,
      rest: o.rest ?? REST,
      share: SHARE,
    });
  }

  start(): void {
    this.passes.start();
  }

  /** Something was written in this organisation. */
  written(organisation: number): void {
    this.passes.wanted(organisation);
  }

  /** Answers when everything that was written before is judged. */
  async settle(organisation: number): Promise<void> {
    await this.passes.idle(organisation);
    await judgeUses(this.app, organisation);
  }

  /** Waits for what is being judged. */
  stop(): Promise<void> {
    return this.passes.stop();
  }
}
