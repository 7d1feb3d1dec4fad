import * as action from '../actions/people.ts';
import { depart, ownedBy, reassign } from '../app/people/departure.ts';
import { createApiKey, invite } from '../app/people/people.ts';
import type { Operation } from './operation.ts';
import { ifMatch } from './records.ts';
import { serve } from './serve.ts';

/** Coming, leaving, and handing over what somebody holds. */
export const peopleOperations = (): Operation[] => [
  ...serve(action.invite, async (c) => {
    const done = await invite(c.app, c.ask, c.params.ref, { ...c.body, expect: ifMatch(c) });
    return { ...done.record, invitation: { link: done.link } };
  }),
  ...serve(action.createKey, async ({ app, ask, body, wrote }) => {
    const { secret, ...done } = await createApiKey(app, ask, body);
    return { ...wrote(done), secret };
  }),
  ...serve(action.readOwned, ({ app, ask, params, query }) =>
    ownedBy(app, ask, params.ref, query.after, query.limit),
  ),
  ...serve(action.reassign, ({ app, ask, params, body }) => reassign(app, ask, params.ref, body)),
  ...serve(action.depart, async (c) => {
    const { handedOver, keys, ...done } = await depart(c.app, c.ask, c.params.ref, {
      ...c.body,
      expect: ifMatch(c),
    });
    return { ...c.wrote(done), handedOver, keys };
  }),
];
