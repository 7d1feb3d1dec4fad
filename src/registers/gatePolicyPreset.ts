/**
 * What the release gate demands by default, one row per risk class. An organisation changes the rows in its criteria
 * record. `drillMonths` 0: a plan is enough. `riskMonths` 0: an assessment of any age.
 */
export const gatePolicyPreset = [
  {
    riskClass: 'minimal',
    approvals: 1,
    ownerMustApprove: false,
    approverMustApprove: false,
    oversightMustApprove: false,
    tests: 'smoke',
    minTrust: 'person',
    drillMonths: 0,
    stopDrill: false,
    riskMonths: 0,
    assessmentApproved: false,
    acceptResiduals: false,
  },
  {
    riskClass: 'limited',
    approvals: 2,
    ownerMustApprove: true,
    approverMustApprove: false,
    oversightMustApprove: false,
    tests: 'plan',
    minTrust: 'person',
    drillMonths: 12,
    stopDrill: false,
    riskMonths: 12,
    assessmentApproved: false,
    acceptResiduals: false,
  },
  {
    riskClass: 'high',
    approvals: 3,
    ownerMustApprove: true,
    approverMustApprove: true,
    oversightMustApprove: true,
    tests: 'allHazards',
    minTrust: 'ci',
    drillMonths: 6,
    stopDrill: true,
    riskMonths: 12,
    assessmentApproved: true,
    acceptResiduals: true,
  },
] as const;
