import { hashPassword, verifyPassword } from 'better-auth/crypto';

/** How passwords are kept. */
export interface Passwords {
  /** A text from which the password cannot be found. */
  hash(password: string): Promise<string>;
  /** Is it the password that this text was made of? */
  verify(o: { hash: string; password: string }): Promise<boolean>;
}

/**
 * So many are worked on at once, in this process. They are computed on the threads that files are read and answers are compressed on (four, unless
 * told otherwise): somebody who sends one wrong password after the other must not take all of them.
 */
const AT_ONCE = 2;

/** scrypt (N 16384, r 16, p 1) with a salt of its own: about a tenth of a second of processor time and 32 MiB, each way. */
export const scryptPasswords: Passwords = inTurns({ hash: hashPassword, verify: verifyPassword }, AT_ONCE);

/** The same, at most so many at once; the others wait in the order in which they came. */
export function inTurns(passwords: Passwords, atOnce: number): Passwords {
  let free = atOnce;
  const waiting: (() => void)[] = [];
  const turn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (free > 0) free -= 1;
    else await new Promise<void>((go) => waiting.push(go));
    try {
      return await work();
    } finally {
      // Handed on as it is, so that nobody who comes meanwhile goes first.
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
  return {
    hash: (password) => turn(() => passwords.hash(password)),
    verify: (o) => turn(() => passwords.verify(o)),
  };
}
