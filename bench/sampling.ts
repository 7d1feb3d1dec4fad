import { Agent, request } from 'node:http';

/** Milliseconds of each call, in no order. */
export type Samples = number[];

/** The value that a share of the samples does not pass (nearest rank); NaN without samples. */
export function percentile(samples: Samples, share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** How long each way is measured. */
export interface Effort {
  rounds: number;
  /** Milliseconds of one way in one round. */
  ms: number;
}

/** One way of getting the same thing; `call` throws when the answer is not the right one. */
export interface Way {
  call(): Promise<void>;
}

/**
 * Measures the ways in turns, round after round, so that whatever else the machine does hits all of them alike.
 * Each of `clients` calls again as soon as it was answered. Before that each way is called until the database has
 * settled on its plans (PostgreSQL plans a named statement anew for the first five calls of a connection).
 */
export async function compare<N extends string>(
  ways: Record<N, Way>,
  clients: number,
  effort: Effort,
): Promise<Record<N, Samples>> {
  const names = Object.keys(ways) as N[];
  const samples = Object.fromEntries(names.map((n) => [n, [] as Samples])) as Record<N, Samples>;
  for (const n of names) await drive(ways[n], clients, { calls: 7 * clients, ms: 1_500 });
  for (let round = 0; round < effort.rounds; round++)
    for (const n of names) samples[n].push(...(await drive(ways[n], clients, { ms: effort.ms })));
  return samples;
}

/** Calls with `clients` at once until the calls are made or the time is up, whichever is first; at least once each. */
export async function drive(
  way: Way,
  clients: number,
  until: { calls?: number; ms?: number },
): Promise<Samples> {
  const samples: Samples = [];
  const end = performance.now() + (until.ms ?? Number.POSITIVE_INFINITY);
  let begun = 0;
  const client = async () => {
    do {
      if (begun >= (until.calls ?? Number.POSITIVE_INFINITY)) return;
      begun++;
      const at = performance.now();
      await way.call();
      samples.push(performance.now() - at);
    } while (performance.now() < end);
  };
  await Promise.all(Array.from({ length: clients }, client));
  return samples;
}

export interface Reply {
  status: number;
  body: Buffer;
  cookies: string[];
}

/** A client that keeps its connections open, as browsers do; loopback only. */
export class Client {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 64 });
  cookie = '';

  constructor(private readonly port: number) {}

  ask(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Reply> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const headers = {
        ...(this.cookie ? { cookie: this.cookie } : {}),
        ...(text === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
      };
      const sent = request(
        { host: '127.0.0.1', port: this.port, path, method, agent: this.agent, headers },
        (res) => {
          const parts: Buffer[] = [];
          res.on('data', (part: Buffer) => parts.push(part));
          res.on('error', reject);
          res.on('end', () =>
            resolve({
              status: res.statusCode ?? 0,
              body: Buffer.concat(parts),
              cookies: (res.headers['set-cookie'] ?? []).map((c) => c.split(';')[0]!),
            }),
          );
        },
      );
      sent.on('error', reject);
      sent.end(text);
    });
  }

  close(): void {
    this.agent.destroy();
  }
}
