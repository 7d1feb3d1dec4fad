import { failures } from '../../base/refusals.ts';

export const no = failures('organisation', {
  taken: ['ALREADY_EXISTS', 'There is already an organisation called {name}; choose another short name.'],
});
