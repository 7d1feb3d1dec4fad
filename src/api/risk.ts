import * as z from 'zod';
import { readProposals, takeHazards } from '../app/hazardProposals.ts';
import { readTriggers } from '../app/impactTriggers.ts';
import { BASES, type Basis, readMatrix } from '../app/risk/matrix.ts';
import { readPortfolio, readQuantified } from '../app/risk/money.ts';
import { readStanding } from '../app/risk/standing.ts';
import { proposeStatement, readStatement, statementCsv } from '../app/soa.ts';
import { Failure } from '../base/failure.ts';
import { registers } from '../registers/index.ts';
import { checked } from './body.ts';
import { AS_OF_COMPUTED, eitherWay } from './listing.ts';
import { type Call, type Operation, single } from './operation.ts';

const BASE = '/api/v1/:org';

const chosenBody = z.strictObject({
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
});

const nothing = z.strictObject({});

/** One of the words that a parameter may be; the first when it is not given. */
function oneOf<T extends string>(c: Call, name: string, options: readonly T[]): T {
  const given = single(c.query, name);
  const found = given === undefined || given === '' ? options[0] : options.find((o) => o === given);
  if (found !== undefined) return found;
  throw new Failure(
    'BAD_INPUT',
    `${name}: expected ${options.join(' or ')}, got ${JSON.stringify(given!.slice(0, 40))}.`,
    [{ path: `/${name}`, message: `expected ${options.join(' or ')}` }],
  );
}

function systemOf(c: Call): string | undefined {
  const given = single(c.query, 'system');
  if (given === undefined || given === '') return undefined;
  if (!/^[A-Z]{3}-\d{4,9}$/.test(given))
    throw new Failure('BAD_INPUT', 'system: expected an AI system such as SYS-0001.', [
      { path: '/system', message: 'expected a reference such as SYS-0001' },
    ]);
  return given;
}

const SYSTEM = 'only risks of this AI system, such as SYS-0001';

/** The risk step beyond its registers: how risks stand, the matrix, risk in money, the statement of applicability, proposals. */
export function riskOperations(): Operation[] {
  const reading = { access: 'member' as const, method: 'GET' as const, mutates: false, tag: 'Risk' };
  const writing = { access: 'member' as const, method: 'POST' as const, mutates: true, tag: 'Risk' };
  return [
    {
      ...reading,
      id: `${registers.risk.name}.matrix`,
      path: `${BASE}/${registers.risk.name}/matrix`,
      summary: 'Open risks by likelihood and impact, against the appetite',
      query: {
        system: SYSTEM,
        basis: `${BASES.join(' or ')} treatment; as they stand now unless told`,
        asOf: AS_OF_COMPUTED,
      },
      handler: (c) => {
        const o = { basis: oneOf<Basis>(c, 'basis', BASES), system: systemOf(c) };
        return eitherWay(c, (app) => readMatrix(app, c.ask, o));
      },
    },
    {
      ...reading,
      id: `${registers.risk.name}.portfolio`,
      path: `${BASE}/${registers.risk.name}/portfolio`,
      summary: 'Open risks in money together: expected loss, percentiles, loss exceedance curve',
      query: { system: SYSTEM },
      handler: (c) => readPortfolio(c.app, c.ask, systemOf(c)),
    },
    {
      ...reading,
      id: `${registers.risk.name}.standing`,
      path: `${BASE}/${registers.risk.name}/:ref/standing`,
      summary: 'How a risk stands: what is claimed, what tests say, what counts, who may accept it',
      query: { asOf: AS_OF_COMPUTED },
      handler: (c) => eitherWay(c, (app) => readStanding(app, c.ask, c.params.ref!)),
    },
    {
      ...reading,
      id: `${registers.risk.name}.quantification`,
      path: `${BASE}/${registers.risk.name}/:ref/quantification`,
      summary: 'A risk in money: expected loss, percentiles, loss exceedance curve',
      handler: (c) => readQuantified(c.app, c.ask, c.params.ref!),
    },
    {
      ...reading,
      id: `${registers.control.name}.statement`,
      path: `${BASE}/${registers.control.name}/statement`,
      summary: 'The statement of applicability: every control of Annex A, with its gaps',
      query: { format: 'json or csv; json unless told', asOf: AS_OF_COMPUTED },
      handler: async (c) => {
        const format = oneOf(c, 'format', ['json', 'csv'] as const);
        const statement = await eitherWay(c, (app) => readStatement(app, c.ask));
        if (format === 'json') return statement;
        const then = 'asOf' in statement ? `-as-of-entry-${statement.asOf.size}` : '';
        c.reply
          .header('content-type', 'text/csv; charset=utf-8')
          .header('content-disposition', `attachment; filename="statement-of-applicability${then}.csv"`);
        return statementCsv(statement);
      },
    },
    {
      ...writing,
      id: `${registers.control.name}.propose`,
      path: `${BASE}/${registers.control.name}/propose`,
      summary:
        'Add the missing lines of the statement of applicability, with draft reasons; nothing is decided',
      input: nothing,
      handler: (c) => {
        checked(nothing, c.body);
        return proposeStatement(c.app, c.ask);
      },
    },
    {
      ...reading,
      id: `${registers.aiSystem.name}.hazards.propose`,
      path: `${BASE}/${registers.aiSystem.name}/:ref/hazards`,
      summary: 'At most eight hazards of the catalogue that fit the system, with why',
      handler: (c) => readProposals(c.app, c.ask, c.params.ref!),
    },
    {
      ...writing,
      id: `${registers.aiSystem.name}.hazards.take`,
      path: `${BASE}/${registers.aiSystem.name}/:ref/hazards`,
      summary: 'Take chosen hazards of the catalogue over, linked to the system',
      input: chosenBody,
      handler: (c) => takeHazards(c.app, c.ask, c.params.ref!, checked(chosenBody, c.body).hazards),
    },
    {
      ...reading,
      id: `${registers.impactAssessment.name}.triggers`,
      path: `${BASE}/${registers.impactAssessment.name}/:ref/triggers`,
      summary: 'What happened since the approval that asks for a new assessment',
      handler: (c) => readTriggers(c.app, c.ask, c.params.ref!),
    },
  ];
}
