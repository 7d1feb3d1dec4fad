import { failures } from '../../base/refusals.ts';

export const no = failures('api.front', {
  otherHost: [
    'WRONG_HOST',
    'This server answers at {origin}, and the request names another host. Open that address; whoever runs the server can add a name with --names.',
  ],
  otherSite: ['NOT_ALLOWED', 'This request comes from a page of another site and is refused.'],
});
