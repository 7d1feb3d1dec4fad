import type { Organisation } from '../src/app/people/organisations.ts';
import { riskInput } from './dataset.ts';
import { judged, type Row } from './report.ts';
import { EMAIL, type Inside, PASSWORD } from './world.ts';

/**
 * Statements that one request sends to the database, begin and commit left out: identity's and the store's. The
 * sequencer must stand still, for its statements belong to no request.
 */
export async function statementRows(inside: Inside, o: Organisation): Promise<Row[]> {
  const { app, server } = inside;
  await app.sequencer.stop();
  const { setCookie } = await app.identity.signIn({ email: EMAIL, password: PASSWORD, ip: '127.0.0.1' });
  const headers = { cookie: setCookie.map((c) => c.split(';')[0]).join('; ') };
  const count = async (send: () => Promise<{ statusCode: number; body: string }>, status: number) => {
    let n = 0;
    app.db.observe = () => n++;
    app.identity.observe = () => n++;
    const reply = await send();
    app.db.observe = undefined;
    app.identity.observe = undefined;
    if (reply.statusCode !== status)
      throw new Error(`counting statements: ${reply.statusCode} ${reply.body}`);
    return n;
  };
  const base = `/api/v1/${o.slug}/risk`;
  const row = (name: string, ours: number, most: number) =>
    judged({ group: 'Statements a request', name, unit: 'statements', ours }, { of: 'ours', most });
  return [
    row(
      'list',
      await count(() => server.inject({ method: 'GET', url: `${base}?sort=title`, headers }), 200),
      3,
    ),
    row(
      'search',
      await count(() => server.inject({ method: 'GET', url: `${base}?q=model`, headers }), 200),
      3,
    ),
    row(
      'create, of a register with a rule about other records',
      await count(
        () => server.inject({ method: 'POST', url: base, headers, payload: riskInput(3_000_000) }),
        201,
      ),
      7,
    ),
  ];
}
