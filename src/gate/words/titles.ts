import { catalogue } from '../../base/sentence.ts';

/** What each check is called. */
export const title = catalogue('gate.title', {
  people: 'Approved by the right people',
  peopleAlone: 'Decided by the right people',
  served: 'The model in service is the approved one',
  scope: 'AI system in scope, with a confirmed risk class',
  subject: 'Components identified by digest',
  confidence: 'Enough tests for the share of failures that is allowed',
  policy: 'Approved criteria with a gate policy for the class',
  userInformation: 'Information for users is current',
  use: 'Use of a vendor’s AI is described, watched and ends',
  supplier: 'Vendor (supplier) assessed and approved',
  vendorModel: 'Vendor’s model as cleared, or tested again',
  tests: 'Tests on exactly this release',
  change: 'Change ticket approved',
  changeAlone: 'Change ticket decided',
  rollback: 'Rollback planned and tested',
  emergency: 'Emergency: decided by one, for 72 hours',
  reviews: 'Earlier emergencies reviewed',
  envelope: 'Inside an approved envelope',
  monitoring: 'Watched and logged in use',
  plan: 'Verification plan fixed before the tests',
  impact: 'Impact on people and society assessed',
  risk: 'Risks assessed, and treated or accepted',
});
