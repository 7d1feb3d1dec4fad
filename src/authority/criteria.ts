/**
 * The criteria that hold, out of the newest that were ever approved: when those are superseded, older ones do not come back into force by
 * themselves.
 */
export const criteriaInForce = <C extends { readonly state: string }>(
  newest: C | undefined,
): C | undefined => (newest?.state === 'approved' ? newest : undefined);
