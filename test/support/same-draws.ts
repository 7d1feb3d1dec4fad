import fc from 'fast-check';
import { DEPTH } from './depth.ts';

/**
 * At depth 1 the properties draw the same examples in each run, so that a run on which a change waits says something about the change. With
 * greater depth they draw new ones: what they find is told with its seed.
 */
if (DEPTH === 1) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: 42_001 });
