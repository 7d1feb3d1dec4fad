import { hash, randomBytes } from 'node:crypto';
import type { Passwords } from '../../src/identity/passwords.ts';

/**
 * Costs nothing, where scrypt takes a quarter of a second for each person that a test makes: most of its time. How passwords are really
 * kept is tested in src/identity, and by every test that starts the program itself.
 */
export const quickPasswords: Passwords = {
  hash: async (password) => {
    const salt = randomBytes(8).toString('hex');
    return `${salt}:${hash('sha256', salt + password)}`;
  },
  verify: async (o) => hash('sha256', o.hash.split(':')[0] + o.password) === o.hash.split(':')[1],
};
