import { failures } from '../../base/refusals.ts';

export const no = failures('evidence.files', {
  notFor: ['NOT_ALLOWED', 'You may not have stored files checked: that is for {who}.'],
});
