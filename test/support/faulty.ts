import type pg from 'pg';

/**
 * How one statement goes wrong.
 *
 * - `lost`: the connection breaks off before the statement is sent.
 * - `lost, done`: the statement is carried out (a commit too), then the connection breaks off before its answer arrives.
 * - `refused`: the server answers with an error and the connection lives; a commit so answered rolled back.
 * - `refused, done`: the statement is carried out and answered by an error, as a time-out of the driver does; the connection lives.
 */
export const FAULTS = ['lost', 'lost, done', 'refused', 'refused, done'] as const;
export type Fault = (typeof FAULTS)[number];

/** Breaks one statement, counted from 1 among those sent since `begin`; notes all of them. */
export class Faulty {
  sent: string[] = [];
  private plan: { step: number; fault: Fault } | undefined;
  private struck = false;

  /** The last plan came to nothing: the work sent fewer statements. */
  get missed(): boolean {
    return !this.struck;
  }

  /** Wraps the connections that the pool gives out for transactions; `pool.query` asks with a callback and carries no write. */
  constructor(pool: pg.Pool) {
    const connect = pool.connect.bind(pool) as () => Promise<pg.PoolClient>;
    const known = new WeakSet<object>();
    const wrapped = (client: pg.PoolClient) => {
      if (!known.has(client)) {
        known.add(client);
        this.wrap(client);
      }
      return client;
    };
    const asked = (done?: unknown) =>
      done === undefined ? connect().then(wrapped) : (connect as unknown as (f: unknown) => void)(done);
    Object.assign(pool, { connect: asked });
  }

  /** Statements that the work sends when nothing goes wrong. */
  async observed(work: () => Promise<unknown>): Promise<string[]> {
    this.sent = [];
    await work();
    return [...this.sent];
  }

  /** Does the work with a fault at that statement; answers whether the work failed. `missed` tells that the statement never came. */
  async struckAt(step: number, fault: Fault, work: () => Promise<unknown>): Promise<Error | undefined> {
    this.sent = [];
    this.struck = false;
    this.plan = { step, fault };
    let failed: Error | undefined;
    try {
      await work();
    } catch (error) {
      failed = error as Error;
    }
    this.plan = undefined;
    return failed;
  }

  private wrap(client: pg.PoolClient): void {
    const send = client.query.bind(client) as (what: unknown) => Promise<unknown>;
    let broken = false;
    const lost = () => new Error('Connection terminated unexpectedly');
    const cut = () => {
      broken = true;
      (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    };
    const fault = async (what: string | { text: string }): Promise<unknown> => {
      if (broken) throw lost();
      const text = typeof what === 'string' ? what : what.text;
      const step = this.sent.push(text);
      if (this.plan?.step !== step) return send(what);
      this.struck = true;
      switch (this.plan.fault) {
        case 'lost':
          cut();
          throw lost();
        case 'lost, done':
          // What is asked later comes after the answer that never arrives.
          broken = true;
          await send(what).catch(() => {});
          cut();
          throw lost();
        case 'refused':
          if (text === 'commit') {
            await send('rollback');
            throw Object.assign(new Error('out of memory'), { code: '53200' });
          }
          return send(`do $$ begin raise exception 'out of memory' using errcode = '53200'; end $$`);
        case 'refused, done':
          await send(what);
          throw new Error('Query read timeout');
      }
    };
    // `pool.query` asks with a callback: it carries no write, and goes through as it is.
    const query = (what: string | { text: string }, ...more: unknown[]) =>
      more.some((m) => typeof m === 'function')
        ? (send as (...all: unknown[]) => unknown)(what, ...more)
        : fault(what);
    Object.assign(client, { query });
  }
}
