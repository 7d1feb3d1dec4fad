/** The files of actions, each loaded when it is needed: a command line pays for the schemas of its own action alone. */
export const modules = {
  account: () => import('./account.ts'),
  assure: () => import('./assure.ts'),
  components: () => import('./components.ts'),
  concerns: () => import('./concerns.ts'),
  erasure: () => import('./erasure.ts'),
  evidence: () => import('./evidence.ts'),
  gate: () => import('./gate.ts'),
  govern: () => import('./govern.ts'),
  home: () => import('./home.ts'),
  log: () => import('./log.ts'),
  own: () => import('./own.ts'),
  people: () => import('./people.ts'),
  records: () => import('./records.ts'),
  risk: () => import('./risk.ts'),
  rows: () => import('./rows.ts'),
  work: () => import('./work.ts'),
};
