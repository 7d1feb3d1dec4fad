import { type Failure, type Problem, problemSaid } from '../../base/failure.ts';
import { failures } from '../../base/refusals.ts';

const no = failures('faulty', {
  rows: ['INVALID', '{wrong} of {count} rows have a fault; nothing was stored. First: {place}: {first}.'],
  readings: [
    'INVALID',
    '{wrong} of {count} readings have a fault; nothing was stored. First: {place}: {first}.',
  ],
});

/** Problems that are told; whoever has mended them sees the next ones. */
const TOLD = 500;

/** Of several things handed in at once some have a fault, so that none is stored: how many, the first in the sentence, and each by its place. */
export function faulty(what: 'rows' | 'readings', count: number, problems: readonly Problem[]): Failure {
  const [first] = problems;
  const wrong = new Set(problems.map((p) => p.path.split(',')[0])).size;
  const told = problems.slice(0, TOLD);
  return no(what, { wrong, count, place: first!.path, first: problemSaid(first!) }, told);
}
