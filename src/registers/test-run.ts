import { choice, digest, engine, link, moment, number, recorded, table, text } from '../register/field.ts';
import { defineRegister } from '../register/register.ts';
import { TRUST_LEVELS } from './criteria.ts';

/** Failed cases as a share of those with a verdict, in per cent to one decimal; undefined when none has one. */
export function failRate(pass: number | undefined, fail: number | undefined): number | undefined {
  const judged = (pass ?? 0) + (fail ?? 0);
  return judged === 0 ? undefined : Math.round(((fail ?? 0) / judged) * 1000) / 10;
}

const count = (label: string) => engine(number(label, { min: 0 }));

export const testRun = defineRegister({
  name: 'testRun',
  prefix: 'TST',
  step: 'Control',
  place: 20,
  label: { one: 'Test run', many: 'Test runs (test log)' },
  purpose: 'What a test tool really did, recounted from its own result file. Nobody types a test run.',
  clauses: {
    'A.6.2.4': 'is the measured result of verification, with every case counted',
    '9.1': 'keeps results as evidence of measurement',
    '8.1': 'shows that the plan was carried out',
  },
  documents: ['DI-43'],
  fields: {
    title: engine(text('Title')),
    kind: engine(
      choice('Kind', ['eval', 'redteam', 'benchmark', 'test', 'scan', 'data-quality', 'drift', 'fairness']),
    ),
    tool: engine(text('Tool', { max: 120 })),
    toolVersion: engine(text('Version of the tool', { max: 120 })),
    toolRunId: engine(text('Run id given by the tool', { max: 300 })),
    status: engine(choice('Completeness', ['complete', 'incomplete', 'cancelled', 'error', 'invalidated'])),
    startedAt: recorded(moment('Started')),
    endedAt: recorded(moment('Ended')),
    receivedAt: recorded(moment('Received')),
    total: count('Cases'),
    pass: count('Passed'),
    fail: count('Failed'),
    error: count('Errors'),
    skipped: count('Skipped'),
    inconclusive: count('Without a verdict'),
    hazards: engine(
      table(
        'Hazards',
        {
          id: { label: 'Hazard or test', kind: 'text', required: true },
          planned: { label: 'Planned', kind: 'number' },
          executed: { label: 'Executed', kind: 'number' },
          failed: { label: 'Failed', kind: 'number' },
          inconclusive: { label: 'Without a verdict', kind: 'number' },
          error: { label: 'Errors', kind: 'number' },
          severity: { label: 'Severity', kind: 'text' },
        },
        { help: 'Executed counts cases with a verdict, passed or failed; those without one stand apart.' },
      ),
    ),
    subjectName: engine(text('What was tested, as the file names it', { max: 300 })),
    subjectVersion: engine(text('Version tested', { max: 120 })),
    subjectDigest: engine(
      digest('Release digest declared', { help: 'The release as it was when the result was handed in.' }),
    ),
    trust: engine(
      choice('Trust', TRUST_LEVELS, {
        help: 'person: uploaded by hand. ci: by a pipeline. signed: with a known signature. rerun: repeated independently.',
      }),
    ),
    findings: engine(
      table('Findings of the import', {
        code: { label: 'Code', kind: 'text', required: true },
        severity: { label: 'Severity', kind: 'text' },
        location: { label: 'Place', kind: 'text' },
        message: { label: 'Message', kind: 'text' },
      }),
    ),
  },
  links: {
    evidence: link('evidence', { label: 'Result file', inverse: 'testRuns', min: 1, max: 1, engine: true }),
    release: link('release', { label: 'Release', inverse: 'testRuns', max: 1, engine: true }),
  },
  derived: { failRate: ({ pass, fail }) => failRate(pass, fail) },
  derivedLabels: { failRate: 'Failed, %' },
  // A run counts once: the same run handed in again, or from an edited file, is refused.
  unique: 'toolRunId',
  workflow: {
    states: ['recorded', 'withdrawn'],
    transitions: {
      withdraw: { label: 'Withdrawn with its result file', from: 'recorded', to: 'withdrawn', by: 'engine' },
    },
    locked: ['recorded', 'withdrawn'],
    ended: ['withdrawn'],
    frees: ['withdrawn'],
  },
  permissions: { read: 'anyone', create: ['engine'], edit: ['engine'] },
  columns: ['title', 'release', 'tool', 'total', 'fail', 'trust', 'state', 'startedAt'],
});
