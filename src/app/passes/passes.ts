import { setTimeout as wait } from 'node:timers/promises';

/** What a pass over one organisation is told, and asks. */
export interface Pass {
  /** It is to leave off after what it has under way. */
  ended(): boolean;
  /** Lets others work for so long (ms); less when it is ended meanwhile. */
  pause(ms: number): Promise<void>;
}

export interface PassesOptions {
  work(organisation: number, pass: Pass): Promise<unknown>;
  /** Which organisations to look at now and then, whatever was told of them. */
  organisations(): Promise<readonly { id: number }[]>;
  /** Told once for each pass that failed; the next one tries again. */
  failed(error: unknown): void;
  /** How often to look for what another process left (ms), and how long to wait before the first look. */
  look: number;
  first: number;
  /** Shortest rest after something was told (ms); longer where a pass works longer, by `share` of its time. */
  rest: number;
  share: number;
}

/** Work on organisations beside the requests: soon after something happened there, and now and then. One pass at a time for each organisation. */
export class Passes {
  private looker: NodeJS.Timeout | undefined;
  private readonly resting = new Map<number, NodeJS.Timeout>();
  private readonly busy = new Map<number, Promise<void>>();
  private readonly again = new Set<number>();
  private readonly ending = new AbortController();

  constructor(private readonly o: PassesOptions) {}

  start(): void {
    const look = () => {
      void this.look().finally(() => {
        if (!this.ended()) this.looker = setTimeout(look, this.o.look);
      });
    };
    this.looker = setTimeout(look, this.o.first);
  }

  /** Something happened in this organisation; answers at once. */
  wanted(organisation: number): void {
    if (this.busy.has(organisation)) this.again.add(organisation);
    else this.rest(organisation, this.o.rest);
  }

  /** Answers when the pass under way, if there is one, is over. */
  async idle(organisation: number): Promise<void> {
    await this.busy.get(organisation);
  }

  /** Ends passes after what they have under way, and waits for them. */
  async stop(): Promise<void> {
    this.ending.abort();
    clearTimeout(this.looker);
    for (const t of this.resting.values()) clearTimeout(t);
    this.resting.clear();
    await Promise.all(this.busy.values());
  }

  private readonly ended = (): boolean => this.ending.signal.aborted;

  private rest(organisation: number, ms: number): void {
    if (this.ended() || this.resting.has(organisation)) return;
    const pass = () => {
      this.resting.delete(organisation);
      if (this.busy.has(organisation)) this.again.add(organisation);
      else void this.pass(organisation);
    };
    this.resting.set(organisation, setTimeout(pass, ms));
  }

  private pass(organisation: number): Promise<void> {
    const began = performance.now();
    let paused = 0;
    const pause = async (ms: number) => {
      const from = performance.now();
      await wait(ms, undefined, { signal: this.ending.signal }).catch(() => {});
      paused += performance.now() - from;
    };
    const working = this.o
      .work(organisation, { ended: this.ended, pause })
      .then(() => {})
      .catch((error: unknown) => this.tell(error))
      .finally(() => {
        this.busy.delete(organisation);
        const worked = performance.now() - began - paused;
        if (this.again.delete(organisation))
          this.rest(organisation, Math.max(this.o.rest, this.o.share * worked));
      });
    this.busy.set(organisation, working);
    return working;
  }

  /** One organisation after the other: at a start all of them may have to be gone through. */
  private async look(): Promise<void> {
    try {
      for (const { id } of await this.o.organisations())
        if (!this.ended() && !this.busy.has(id)) await this.pass(id);
    } catch (error) {
      this.tell(error);
    }
  }

  private tell(error: unknown): void {
    if (!this.ended()) this.o.failed(error);
  }
}
