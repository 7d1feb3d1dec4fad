/** What is done again, or ends, within so many months. */
export const INTERVALS = [
  'riskAssessment',
  'impactAssessment',
  'internalAudit',
  'managementReview',
  'policyReview',
  'supplierAssessment',
  'awareness',
  'acceptance',
  'exception',
  'riskReview',
  'controlReview',
  'monitorReview',
  'processReview',
  'requirementReview',
  'contextReview',
  'partyReview',
] as const;

/** Where criteria say nothing. The standard names no numbers: this one is ours. */
export const OUR_MONTHS = 12;

/** Months that criteria with these rows allow, the longest that they say; `Infinity` for a row of none. `ours` where they say nothing. */
export function monthsAllowed(rows: unknown, what: string): { months: number; ours: boolean } {
  const said = (Array.isArray(rows) ? rows : []).flatMap((r): number[] =>
    r.what === what && typeof r.months === 'number' ? [r.months] : [],
  );
  if (said.length === 0) return { months: OUR_MONTHS, ours: true };
  return { months: Math.max(...said.map((m) => (m <= 0 ? Number.POSITIVE_INFINITY : m))), ours: false };
}
