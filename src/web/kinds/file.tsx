import { digest } from './digest.tsx';
import type { Kind } from './kind.ts';

/** A stored file, by the digest of its bytes. */
export const file: Kind = { Input: digest.Input, Cell: digest.Cell, text: digest.text };
