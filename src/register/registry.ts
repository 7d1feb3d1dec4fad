import type { Register } from './register.ts';

/** The five steps, in the order of the navigation; `Directory` holds people and keys. */
export const STEPS = ['Scope', 'Govern', 'Risk', 'Control', 'Assure', 'Across', 'Directory'] as const;
export type Step = (typeof STEPS)[number];

const inNavigation = (a: Register, b: Register): number =>
  STEPS.indexOf(a.step) - STEPS.indexOf(b.step) || (a.place ?? LAST) - (b.place ?? LAST);
const LAST = 1_000_000;

/** A link of a register, as the register that it leads to sees it. */
interface WayBack {
  register: Register;
  link: string;
  inverse: string;
  label: string;
}

/** The registers of the product, by name; made once and passed in. `all` is in the order of the navigation. */
export class Registry {
  readonly all: readonly Register[];
  private readonly byName: Map<string, Register>;
  private readonly byPrefix: Map<string, Register>;
  private readonly waysBack = new Map<string, readonly WayBack[]>();

  constructor(all: readonly Register[]) {
    this.all = [...all].sort(inNavigation);
    this.byName = new Map(all.map((r) => [r.name, r]));
    this.byPrefix = new Map(all.map((r) => [r.prefix, r]));
  }

  find(name: string): Register | undefined {
    return this.byName.get(name);
  }

  get(name: string): Register {
    const r = this.byName.get(name);
    if (!r) throw new Error(`there is no register ${name}`);
    return r;
  }

  /** The register of that name as it is declared here, with the types of the declaration: a test may have added to it. */
  of<R extends Register>(register: R): R {
    return this.get(register.name) as R;
  }

  /** The register that a reference such as `RSK-0042` belongs to. */
  ofRef(ref: string): Register | undefined {
    return this.byPrefix.get(ref.slice(0, ref.indexOf('-')));
  }

  /** Links of other registers that point to this one; every page and list asks, so each is worked out once. */
  inversesOf(name: string): readonly WayBack[] {
    const known = this.waysBack.get(name);
    if (known) return known;
    const found = this.all.flatMap((register) =>
      Object.entries(register.links)
        .filter(([, l]) => l.to === name)
        .map(([l, spec]) => ({
          register,
          link: l,
          inverse: spec.inverse,
          label: spec.inverseLabel ?? register.label.many,
        })),
    );
    this.waysBack.set(name, found);
    return found;
  }
}
