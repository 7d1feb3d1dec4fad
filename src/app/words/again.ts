import { failures } from '../../base/refusals.ts';

export const no = failures('again', {
  otherVersion: [
    'VERSION_MISMATCH',
    '{ref} is at version {version}, you saw version {seen}; read it again, then repeat your change.',
  ],
});
