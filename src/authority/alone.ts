/** Classes of which the only person of an organisation may decide alone. */
export const ALONE_CLASSES: readonly string[] = ['minimal', 'limited'];

/** What deciding alone depends on: how many belong to the organisation, what the criteria in force say, and the classes of the systems concerned. */
export interface AloneFacts {
  readonly onePerson: boolean;
  readonly mode: string | undefined;
  readonly classes: readonly unknown[];
}

/**
 * Does what was decided alone count? While the organisation is one person, its criteria say so, and no system concerned is of class high. Asked when a
 * decision is taken and whenever it is relied on.
 */
export const aloneCounts = (f: AloneFacts): boolean =>
  f.onePerson && f.mode === 'alone' && f.classes.every((c) => ALONE_CLASSES.includes(String(c)));
