import {
  choice,
  digest,
  ends,
  engine,
  link,
  longText,
  moment,
  number,
  people,
  table,
  text,
} from '../register/field.ts';
import { defineRegister } from '../register/register.ts';
import { RISK_CLASSES } from './ai-system.ts';

export const gateDecision = defineRegister({
  name: 'gateDecision',
  prefix: 'GAT',
  step: 'Control',
  place: 60,
  label: { one: 'Gate decision', many: 'Gate decisions' },
  purpose:
    'What the release gate decided on a release, with every check, the state of the log it saw, and a signed statement. Refusals are kept too.',
  clauses: {
    '8.1': 'shows that each release was judged against the criteria',
    '9.1': 'keeps the evaluation and what it rested on',
    'A.6.2.5': 'shows which requirements were met before deployment',
  },
  documents: ['DI-44'],
  fields: {
    title: engine(text('Title')),
    verdict: engine(choice('Verdict', ['allow', 'refuse', 'insufficient'])),
    riskClass: engine(choice('Risk class', RISK_CLASSES)),
    subjectDigest: engine(digest('Release digest')),
    basis: engine(
      choice('Way through the gate', ['approvals', 'envelope', 'emergency', 'useClearance'], {
        help: 'approvals: all that the class demands. envelope: approved beforehand for changes of its kinds. emergency: one person, for a time.',
      }),
    ),
    allowedUntil: engine(ends(moment('Allowed until', { help: 'In an emergency: 72 hours at most.' }))),
    told: engine(
      people('To be told', {
        help: 'In an emergency: owner, approver and oversight of the AI system, and the AIMS managers.',
      }),
    ),
    policyRef: engine(text('Policy', { max: 40 })),
    policyDigest: engine(digest('Digest of the policy')),
    checks: engine(
      table(
        'Checks',
        {
          id: { label: 'Check', kind: 'text', code: true, required: true },
          status: {
            label: 'Status',
            kind: 'choice',
            options: ['passed', 'failed', 'missing', 'notApplicable'],
            required: true,
          },
          text: { label: 'Reasons', kind: 'text' },
        },
        // Reasons name people.
        { personal: true },
      ),
    ),
    logSize: engine(number('Log size seen', { min: 0 })),
    logRoot: engine(digest('Log root seen')),
    attestation: engine(longText('Signed statement (DSSE)', { max: 1_000_000 })),
  },
  links: {
    release: link('release', { label: 'Release', inverse: 'gateDecisions', min: 1, max: 1, engine: true }),
  },
  workflow: { states: ['recorded'], transitions: {}, locked: ['recorded'] },
  permissions: { read: 'anyone', create: ['engine'], edit: ['engine'] },
  columns: ['title', 'release', 'verdict', 'riskClass', 'policyRef', 'logSize', 'createdAt'],
});
