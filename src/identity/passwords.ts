import { hashPassword, verifyPassword } from 'better-auth/crypto';

/** How passwords are kept. */
export interface Passwords {
  /** A text from which the password cannot be found. */
  hash(password: string): Promise<string>;
  /** Is it the password that this text was made of? */
  verify(o: { hash: string; password: string }): Promise<boolean>;
}

/** scrypt (N 16384, r 16, p 1) with a salt of its own: about a tenth of a second of processor time and 32 MiB, each way. */
export const scryptPasswords: Passwords = { hash: hashPassword, verify: verifyPassword };
