import { Registry } from '../register/register.ts';
import * as registers from './all.ts';

/** Every register of the product, by name. */
export { registers };

/** The registers with their types: `Rec<Registers['risk']>` is a risk. No declaration may use it, or it would depend on itself. */
export type Registers = typeof registers;
export type RegisterName = keyof Registers;

/** The same for code that asks no register by name, in the order of the navigation. */
export const registry = new Registry(Object.values(registers));
