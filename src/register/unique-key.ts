import { canonicalJson } from '../base/canonical.ts';

/** What a value of the unique field of a register is told apart by: without regard to case and form of letters, and whole characters alone, as the database takes it. */
export const uniqueKey = (v: unknown): string =>
  (typeof v === 'string' ? v : canonicalJson(v)).normalize('NFKC').toLowerCase().slice(0, 300).toWellFormed();
