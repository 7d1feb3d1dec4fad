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
import { registers } from '../registers/index.ts';
import { defineAction } from './action.ts';
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
          severity: z.enum(['critical', 'high', 'medium', 'low'], {
            error: 'must be one of critical, high, medium, low',
          }),
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
});
