import { namedBy } from '../register/named.ts';
import type { Registers } from '../registers/index.ts';

/** Names of fields and states in the text of a statement. */
export const named = namedBy<Pick<Registers, 'person' | 'apiKey'>>();
