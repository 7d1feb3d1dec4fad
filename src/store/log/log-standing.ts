import type { Statement } from '../db/database.ts';

export const logWaiting: Statement = {
  text: 'select count(*)::int as n, min(at) as since from outbox where organisation = (select present_organisation())',
  name: 'log-waiting',
};
