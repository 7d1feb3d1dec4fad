import { namedBy } from '../../register/named.ts';
import type { Registers } from '../../registers/index.ts';

/** Names of fields, links, states and steps in the text of a statement. */
export const named = namedBy<Registers>();
