import type { Failure } from '../../base/failure.ts';
import { no } from '../words/changed-beside.ts';

/** Tried again by those who plan anew. */
export const changedBeside = (what: string): Failure => no('changed', { what });
