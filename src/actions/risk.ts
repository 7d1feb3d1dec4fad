import * as z from 'zod';
import {
  BASES,
  hazardsTaken,
  proposals,
  riskInMoney,
  riskMatrix,
  riskPortfolio,
  riskStanding,
  soaStatement,
  statementProposed,
  triggers,
} from '../answers/risk.ts';
import { SEVERITIES } from '../registers/hazard.ts';
import { registers } from '../registers/index.ts';
import { defineAction } from './action.ts';
import { AS_OF_COMPUTED, strong } from './command.ts';
import { asOfComputed, numbered, oneOf } from './params.ts';

const { risk, control, aiSystem, impactAssessment } = registers;
const tag = 'Risk';
const system = numbered('only risks of this AI system, such as SYS-0001', 'an AI system', 'SYS-0001');

export const matrix = defineAction({
  id: `${risk.name}.matrix`,
  method: 'GET',
  path: `${risk.name}/matrix`,
  tag,
  summary: 'Open risks by likelihood and impact, against the appetite',
  query: {
    system,
    basis: oneOf(`${BASES.join(' or ')} treatment; as they stand now unless told`, BASES, 'first'),
    asOf: asOfComputed,
  },
  answer: riskMatrix,
  command: {
    name: 'risk matrix',
    says: 'Open risks by likelihood and impact, the highest level first.',
    takes: {
      system: { as: '--system <ref>', says: 'only risks of this AI system' },
      basis: { as: '--before', means: 'before', says: 'as they were before treatment' },
      asOf: AS_OF_COMPUTED,
    },
    form: 'json',
    shows(m, say) {
      const row = (c: (typeof m.cells)[number]) => [
        c.level,
        c.likelihood,
        c.impact,
        c.count,
        m.appetite !== null && c.level > m.appetite ? 'yes' : '',
        c.risks.map((r) => r.ref).join(', '),
      ];
      say.table(['Level', 'Likelihood', 'Impact', 'Risks', 'Above appetite', 'Which'], m.cells.map(row));
      say.note(
        `${m.total} open risks, ${m.unrated.count} not rated, ${m.untreated.count} above the appetite and neither treated nor accepted.`,
      );
    },
  },
});

export const portfolio = defineAction({
  id: `${risk.name}.portfolio`,
  method: 'GET',
  path: `${risk.name}/portfolio`,
  tag,
  summary: 'Open risks in money together: expected loss, percentiles, loss exceedance curve',
  query: { system, asOf: asOfComputed },
  answer: riskPortfolio,
});

export const standing = defineAction({
  id: `${risk.name}.standing`,
  method: 'GET',
  path: `${risk.name}/:ref/standing`,
  tag,
  summary: 'How a risk stands: what is claimed, what tests say, what counts, who may accept it',
  query: { asOf: asOfComputed },
  answer: riskStanding,
  command: {
    name: 'risk standing',
    says: 'How a risk stands: what is claimed, what tests say, what counts, and who may accept it. Exit code 1 above the appetite without acceptance.',
    takes: { ref: 'number of the risk, such as RSK-0001', asOf: AS_OF_COMPUTED },
    form: 'json',
    refuses: (s) => !['within', 'accepted'].includes(s.against),
    shows(s, say) {
      say.line(strong(s.ref), ` ${s.title}`);
      say.line(s.says);
      for (const h of s.measured.hazards) {
        const failed = `${h.failed} of ${h.cases} failed on ${h.release} (${h.runs.join(', ')})`;
        const speaks = h.speaks ? '' : ', which does not raise the claim';
        say.line(
          `  ${h.hazard} ${h.title}: ${failed}, up to ${h.bound} % with 95 % confidence: likelihood ${h.level}${speaks}`,
        );
      }
      if (s.measured.notMeasured.length > 0) say.line(`  Not tested: ${s.measured.notMeasured.join(', ')}`);
      if (!s.ratedUnderInForce)
        say.note(
          s.ratedUnder
            ? `Rated under ${s.ratedUnder}, which is not in force.`
            : 'The rating cites no criteria.',
        );
      const people = s.accepts.people.length > 0 ? `: ${s.accepts.people.join(', ')}` : '';
      say.note(`May be accepted by ${s.accepts.role}${people}.`);
    },
  },
});

export const quantification = defineAction({
  id: `${risk.name}.quantification`,
  method: 'GET',
  path: `${risk.name}/:ref/quantification`,
  tag,
  summary: 'A risk in money: expected loss, percentiles, loss exceedance curve',
  query: { asOf: asOfComputed },
  answer: riskInMoney,
});

export const statement = defineAction({
  id: `${control.name}.statement`,
  method: 'GET',
  path: `${control.name}/statement`,
  tag,
  summary: 'The statement of applicability: every control of Annex A, with its gaps',
  query: { format: oneOf('json or csv; json unless told', ['json', 'csv'], 'first'), asOf: asOfComputed },
  answer: soaStatement,
});

export const proposeStatement = defineAction({
  id: `${control.name}.propose`,
  method: 'POST',
  path: `${control.name}/propose`,
  tag,
  summary: 'Add the missing lines of the statement of applicability, with draft reasons; nothing is decided',
  writes: true,
  body: z.strictObject({}),
  answer: statementProposed,
  command: {
    name: 'control propose',
    says: 'Add the missing lines of the statement of applicability with draft reasons; nothing is decided.',
    form: 'json',
    shows: (made, say) => say.line(`${made.created.length} lines proposed, ${made.kept} were there.`),
  },
});

export const proposeHazards = defineAction({
  id: `${aiSystem.name}.hazards.propose`,
  method: 'GET',
  path: `${aiSystem.name}/:ref/hazards`,
  tag,
  summary: 'At most eight hazards of the catalogue that fit the system, with why',
  answer: proposals,
});

export const takeHazards = defineAction({
  id: `${aiSystem.name}.hazards.take`,
  method: 'POST',
  path: `${aiSystem.name}/:ref/hazards`,
  tag,
  summary: 'Take chosen hazards of the catalogue over, linked to the system',
  writes: true,
  body: z.strictObject({
    hazards: z
      .array(
        z.strictObject({
          code: z.string({ error: 'expected a hazard of the catalogue such as HZ-001' }).max(40),
          severity: z.enum(SEVERITIES, { error: `must be one of ${SEVERITIES.join(', ')}` }),
        }),
        { error: 'expected a list of hazards, each with code and severity' },
      )
      .min(1, { error: 'needs at least one hazard' })
      .max(8, { error: 'takes at most eight hazards at once' }),
  }),
  answer: hazardsTaken,
});

export const readTriggers = defineAction({
  id: `${impactAssessment.name}.triggers`,
  method: 'GET',
  path: `${impactAssessment.name}/:ref/triggers`,
  tag,
  summary: 'What happened since the approval that asks for a new assessment',
  query: { asOf: asOfComputed },
  answer: triggers,
  command: {
    name: 'impact-assessment triggers',
    says: 'What happened since the approval that asks for a new assessment. Exit code 1 when something did.',
    takes: { ref: 'number of the assessment, such as IMA-0001', asOf: AS_OF_COMPUTED },
    form: 'json',
    refuses: (found) => found.events.length > 0,
    shows({ since, events, watchedByPeople, notShown }, say) {
      say.line(
        since
          ? `${events.length} events since the approval ${since.decision}, ${since.at}`
          : 'Not approved yet: there is nothing to count events from.',
      );
      for (const e of events) say.line(`  ${e.trigger}: ${e.ref} ${e.title}. ${e.says}`);
      if (watchedByPeople.length > 0)
        say.note(`Not told by records, watched by people: ${watchedByPeople.join(', ')}.`);
      if (notShown.length > 0) say.note(`Not counted, because you may not read it: ${notShown.join(', ')}.`);
    },
  },
});
