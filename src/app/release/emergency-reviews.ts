import { messageOf } from '../../base/thrown.ts';
import { reviewBy } from '../../gate/checks/emergency.ts';
import { slotsOf } from '../../register/slots.ts';
import type { Given } from '../../register/values.ts';
import type { Registers } from '../../registers/index.ts';
import { registers } from '../../registers/index.ts';
import * as cell from '../../store/db/cells.ts';
import { DoneBefore } from '../../store/records/idempotency.ts';
import { emergenciesUnreviewed } from '../../store/release/emergency.ts';
import type { App } from '../context.ts';
import { engineActor } from '../people/people.ts';
import { createRecord } from '../write/commit.ts';

/** How often to look (ms), and how long to wait before the first look. */
const LOOK = 600_000;
const FIRST = 60_000;

/**
 * Opens a nonconformity for every emergency whose day of review has passed without one. Safe to run at any time and in any number of processes:
 * each is written under an idempotency key of its own, in one transaction, so that it exists once however often somebody begins and dies.
 * Answers the numbers of those that it opened.
 */
export async function openOverdueReviews(
  app: App,
  organisation: { id: number; slug: string },
): Promise<string[]> {
  const slot = slotsOf(app.slots, registers.decision).subject!;
  const [rows] = await app.db.run(organisation.id, [emergenciesUnreviewed(slot)]);
  const today = app.clock.now().toISOString().slice(0, 10);
  const opened: string[] = [];
  for (const row of rows!) {
    const due = reviewBy(cell.moment(row.decided).toISOString());
    if (due >= today) continue;
    const around = (cell.orNull(cell.list(cell.list(cell.textOrNull)))(row.around) ?? []).map(
      ([ref, , owner]) => [ref ?? '', owner ?? null] as const,
    );
    const of = (prefix: string) => around.filter(([ref]) => ref.startsWith(prefix)).map(([ref]) => ref);
    const owner = around.find(([ref, person]) => ref.startsWith('SYS-') && person)?.[1] ?? row.requester;
    const done = await createRecord(
      app,
      {
        actor: engineActor(organisation),
        idempotency: { key: `emergency-review ${String(row.ref)}`, fingerprint: 'emergency-review' },
      },
      app.registry.of(registers.nonconformity),
      {
        title: `Emergency ${String(row.ref)} was not reviewed in time`,
        kind: 'actual',
        owner,
        foundOn: today,
        criterion: '8.1; review of an emergency within five working days',
        what: `${String(row.ref)} was decided by one person. Somebody else was to review it by ${due}, and nobody has. Until then the gate refuses further releases.`,
        changes: [row.ref],
        systems: of('SYS-'),
        incidents: of('INC-'),
      } satisfies Given<Registers['nonconformity']>,
    ).catch((error: unknown) => {
      if (!(error instanceof DoneBefore)) throw error;
    });
    if (done) opened.push(done.record.ref);
  }
  return opened;
}

/** Looks for emergencies without a review, now and then, in every organisation that has some. */
export class EmergencyWatch {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly app: App,
    private readonly o: { look?: number; first?: number } = {},
  ) {}

  start(): void {
    const look = () => {
      this.running = this.look().finally(() => {
        if (!this.stopped) this.timer = setTimeout(look, this.o.look ?? LOOK);
      });
    };
    this.timer = setTimeout(look, this.o.first ?? FIRST);
  }

  /** Waits for what is being written. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private async look(): Promise<void> {
    try {
      const { db, clock } = this.app;
      for (const o of await db.organisationsWith('emergency under way', clock.now()))
        await openOverdueReviews(this.app, o);
    } catch (error) {
      if (!this.stopped) this.app.log(`emergency reviews: ${messageOf(error)}`);
    }
  }
}
