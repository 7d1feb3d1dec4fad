import { failures } from '../../base/refusals.ts';

export const no = failures('store.storage', {
  full: [
    'STORAGE_FULL',
    'Nothing was stored: {reason}. Ask whoever runs the server to make room, then send it again; the server goes on by itself.',
  ],
});
