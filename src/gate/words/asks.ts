import { catalogue } from '../../base/sentence.ts';

/** What a class asks. */
export const say = catalogue('gate.asks', {
  scope: 'In scope, with a risk class that somebody other than its author confirmed.',
  criteria: 'Approved criteria with a gate policy for the class.',
  components:
    'What it consists of is recorded; models and datasets by digest, or a hosted model by what its supplier says.',
  reviewed: 'Each emergency is reviewed by somebody else within {days} working days.',
  emergency: 'A release that is in use by an emergency decision is taken back or replaced within its hours.',
  wayBack: 'A way back to a named target, approved by somebody other than its author.',
  part: 'Named, because the {part} approves each release.',
  partNotAsked: 'Releases need no approval by the {part}.',
  different: 'Different people as {parts}.',
  mayBeOne: 'They may be one person.',
  hazards_smoke: 'No hazard has to be exercised.',
  hazards_plan: 'The verification plan says which hazards are exercised, every critical one among them.',
  hazards_allHazards: 'Its hazards are recorded, and the verification plan exercises every one.',
  noPlan: 'No verification plan: without one, no failed case is tolerated.',
  plan: 'A verification plan fixed by somebody other than its author; it lets at most {maxFailRate} % of the cases fail and {maxInconclusive} % stay without a verdict.',
  riskAssessment:
    'Concluded{months, plural, =0 {, at any time} one { within {months} month} other { within {months} months}}.',
  riskAssessmentApproved:
    'Concluded and approved by somebody other than its author{months, plural, =0 {, at any time} one { within {months} month} other { within {months} months}}.',
  impact_screened:
    'Somebody looked at whom it affects, and concluded{months, plural, =0 {, at any time} one { within {months} month} other { within {months} months}}; the newest does not find the impact unacceptable.',
  impact_assessed:
    'Concluded{months, plural, =0 {, at any time} one { within {months} month} other { within {months} months}}; the newest does not find the impact unacceptable.',
  impact_approved:
    'Concluded and approved by somebody other than its author{months, plural, =0 {, at any time} one { within {months} month} other { within {months} months}}; the newest does not find the impact unacceptable.',
  risks: 'Risks are rated; what is above the appetite is treated, or accepted.',
  risksRated: 'Risks are rated; what is above the appetite is treated and rated again, or accepted.',
  noDrill: 'No {kind} drill.',
  drill:
    'The newest {kind} drill succeeded, in the time that the plan allows, and was verified by somebody else{months, plural, =0 {, at any time} one { within {months} month} other { within {months} months}}.',
  monitoring_owner: 'Somebody is named who watches it in use.',
  monitoring_metric: 'A metric with a limit is running, and its own review is not overdue.',
  monitoring_both:
    'A metric with a limit and an event log are running, and their own reviews are not overdue.',
  userInformation: 'Published, and its day of review has not come.',
  noUserInformation: 'None has to be published.',
  alone: 'You decide alone, a day after the last change; the record says so.',
  approvals:
    '{number, plural, one {{number} person other than the author approves} other {{number} people other than the author approve}} each release, as it is.',
  use: 'It says what is used for what, with which data, watched by whom, until when.',
  supplier: 'Assessed and approved, and its next review still to come.',
  vendorModel: 'As cleared, or tested again.',
  subject: 'It names what it consists of.',
  served: 'The model that answers is one that was approved.',
  smoke:
    'Something ran on exactly this content and nothing failed; {trust, select, person {handed in by a person, or better} ci {handed in by a pipeline, or better} signed {signed by the person who ran it, or better} other {run again by us}}.',
  tests:
    'Run on exactly this content, as the plan asks; {trust, select, person {handed in by a person, or better} ci {handed in by a pipeline, or better} signed {signed by the person who ran it, or better} other {run again by us}}.',
  confidence: 'Enough cases to say with 95 % confidence that at most {most} % fail.',
  change: 'Approved by somebody other than who asked for it.',
  notOfClass: 'Not asked of class {riskClass}.',
  notOfVendor: 'Not asked of what a vendor runs: leave to use it does not depend on it.',
});

/** What is asked, by name. */
export const title = catalogue('gate.asked', {
  class: 'Risk class',
  criteria: 'Criteria',
  owner: 'Owner',
  approver: 'Approver',
  oversight: 'Human oversight',
  different: 'Different people',
  components: 'Components',
  hazards: 'Hazards',
  plan: 'Verification plan',
  riskAssessment: 'Risk assessment',
  impactAssessment: 'AI system impact assessment',
  risks: 'Risks',
  rollback: 'Rollback plan',
  rollbackDrill: 'Rollback drill',
  stopDrill: 'Stop drill',
  communicationDrill: 'Communication drill',
  monitoring: 'Monitoring',
  userInformation: 'Information for users',
  reviews: 'Earlier emergencies',
  emergency: 'Emergency',
  people: 'Approvals',
  use: 'Use',
  supplier: 'Vendor (supplier)',
  vendorModel: 'Vendor’s model',
  subject: 'Components',
  served: 'Model in service',
  tests: 'Tests',
  confidence: 'Enough tests',
  change: 'Change ticket',
});
