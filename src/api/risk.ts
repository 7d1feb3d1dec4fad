import * as action from '../actions/risk.ts';
import { readProposals, takeHazards } from '../app/risk/hazard-proposals.ts';
import { readTriggers } from '../app/risk/impact-triggers.ts';
import { readMatrix } from '../app/risk/matrix.ts';
import { inMoney, readEstimated, readQuantified } from '../app/risk/money.ts';
import { readStanding } from '../app/risk/standing.ts';
import { proposeStatement, readStatement, statementCsv } from '../app/risk/statement-of-applicability.ts';
import type { Operation } from './operation.ts';
import { csvFile, eitherWay, serve } from './serve.ts';

/** The risk step beyond its registers: how risks stand, the matrix, risk in money, the statement of applicability, proposals. */
export const riskOperations = (): Operation[] => [
  ...serve(action.matrix, (c) => eitherWay(c, (app) => readMatrix(app, c.ask, c.query))),
  ...serve(action.portfolio, async (c) =>
    inMoney(await eitherWay(c, (app) => readEstimated(app, c.ask, c.query.system))),
  ),
  ...serve(action.standing, (c) => eitherWay(c, (app) => readStanding(app, c.ask, c.params.ref))),
  ...serve(action.quantification, (c) => eitherWay(c, (app) => readQuantified(app, c.ask, c.params.ref))),
  ...serve(action.statement, async (c) => {
    const statement = await eitherWay(c, (app) => readStatement(app, c.ask));
    if (c.query.format === 'json') return statement;
    const then = statement.asOf ? `-as-of-entry-${statement.asOf.size}` : '';
    return csvFile(c.reply, statementCsv(statement), `statement-of-applicability${then}`);
  }),
  ...serve(action.proposeStatement, ({ app, ask }) => proposeStatement(app, ask)),
  ...serve(action.proposeHazards, ({ app, ask, params }) => readProposals(app, ask, params.ref)),
  ...serve(action.takeHazards, ({ app, ask, params, body }) =>
    takeHazards(app, ask, params.ref, body.hazards),
  ),
  ...serve(action.readTriggers, (c) => eitherWay(c, (app) => readTriggers(app, c.ask, c.params.ref))),
];
