import * as action from '../actions/concerns.ts';
import {
  codeForOwn,
  concernDoor,
  followConcern,
  messageByCode,
  raiseAnonymously,
  replyToConcern,
  setConcernDoor,
} from '../app/govern/concerns.ts';
import type { Organisation } from '../app/people/organisations.ts';
import { Rate } from '../app/rate.ts';
import type { Operation } from './operation.ts';
import { type Asked, serve } from './serve.ts';

const HOUR = 3_600_000;

type Public = Pick<Asked<'concerns', Record<never, never>, 'none'>, 'app' | 'params' | 'organisation'>;

/**
 * Concerns with and without a name. The public ones count requests by organisation, never by sender: of whoever writes, no address, no browser and
 * no time is kept, in memory neither.
 */
export function concernOperations(): Operation[] {
  const rates = new Map<string, Rate>();
  const counted = (c: Public, what: string, most: number): Promise<Organisation | undefined> => {
    const rate = rates.get(what) ?? new Rate(c.app.clock, most, HOUR);
    rates.set(what, rate);
    rate.demand(c.params.org.slice(0, 64));
    return c.organisation();
  };
  return [
    ...serve(action.readDoor, async ({ app, organisation }) => concernDoor(app, await organisation())),
    ...serve(action.raise, async (c) => raiseAnonymously(c.app, await counted(c, 'raise', 60), c.body)),
    ...serve(action.follow, async (c) =>
      followConcern(c.app, await counted(c, 'follow', 1_000), c.body.code),
    ),
    ...serve(action.leaveMessage, async (c) =>
      messageByCode(c.app, await counted(c, 'message', 200), c.body.code, c.body.text),
    ),
    ...serve(
      action.setDoor,
      async ({ app, ask, body, organisation }) => {
        const done = await setConcernDoor(app, ask, await organisation(), body);
        return { open: body.open, logChange: done.record.ref };
      },
      async ({ body }, { record }) => ({ open: body.open, logChange: record.ref }),
    ),
    ...serve(action.codeForOwn, ({ app, ask, params }) => codeForOwn(app, ask, params.ref)),
    ...serve(action.reply, async ({ app, ask, params, body, wrote }) =>
      wrote(await replyToConcern(app, ask, params.ref, body.text)),
    ),
  ];
}
