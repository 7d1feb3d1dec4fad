/**
 * Which part of src/ may import which other parts and which packages, lowest first: nothing imports a part below it in
 * this list. The table stands in ARCHITECTURE.md too; test/house/architecture.test.ts compares them, and both with the sources.
 */
export interface Layer {
  part: string;
  /** Parts it may import; `x (types)` may be imported with `import type` only. */
  parts: readonly string[];
  /** Packages it may import; `node:*` stands for everything that comes with Node.js. */
  packages: readonly string[];
  /** Why a row is wider or narrower than its place would suggest. */
  note?: string;
}

export const LAYERS: readonly Layer[] = [
  { part: 'base', parts: [], packages: ['canonicalize', 'node:crypto'] },
  { part: 'standard', parts: [], packages: [], note: 'data and its types' },
  { part: 'ledger', parts: ['base'], packages: ['node:crypto'], note: 'knows bytes, not registers' },
  { part: 'register', parts: ['base'], packages: ['zod'], note: 'how a register is declared' },
  {
    part: 'risk',
    parts: ['standard'],
    packages: [],
    note: 'ratings, measured likelihood, risk in money, proposals: pure',
  },
  { part: 'registers', parts: ['register', 'risk'], packages: [], note: 'declarations only' },
  {
    part: 'answers',
    parts: ['base', 'ledger', 'register', 'registers'],
    packages: ['zod'],
    note: 'what the interface answers: schemas, and the types of both ends',
  },
  {
    part: 'actions',
    parts: ['base', 'ledger', 'register', 'registers', 'answers'],
    packages: ['zod'],
    note: "what is done beside a register's own operations: path, parameters, body, answer",
  },
  {
    part: 'authority',
    parts: ['base', 'register', 'risk', 'registers'],
    packages: ['node:crypto'],
    note: 'who may take a step, what a decision covers and counts for: pure',
  },
  {
    part: 'facts',
    parts: ['base', 'register', 'registers', 'authority'],
    packages: [],
    note: 'what a rule may look at, and how it declares that: pure',
  },
  {
    part: 'gate',
    parts: ['base', 'standard', 'register', 'risk', 'registers', 'authority', 'facts'],
    packages: ['node:crypto'],
    note: 'pure; takes types and the policy preset from registers',
  },
  {
    part: 'evidence',
    parts: ['base', 'standard'],
    packages: ['yaml'],
    note: 'pure',
  },
  {
    part: 'timestamp',
    parts: ['base'],
    packages: ['node:crypto'],
    note: 'RFC 3161: asks for and verifies time stamps; pure',
  },
  {
    part: 'pack',
    parts: ['base', 'ledger', 'gate', 'timestamp'],
    packages: ['fflate', 'yauzl', 'node:*'],
    note: 'the audit pack: its form, its writer, its verifier',
  },
  {
    part: 'sheet',
    parts: ['base'],
    packages: ['fflate', 'saxes', 'yauzl', 'node:zlib'],
    note: 'XLSX workbooks: knows cells, not registers',
  },
  {
    part: 'intake',
    parts: ['base', 'evidence', 'sheet'],
    packages: ['csv-parse', 'node:*'],
    note: 'the one door for files of people: reads them on other threads, within limits',
  },
  {
    part: 'outgoing',
    parts: [],
    packages: ['node:*'],
    note: 'the one way out: asks addresses that people typed, public ones alone unless opened',
  },
  {
    part: 'witness',
    parts: ['base', 'ledger'],
    packages: ['node:*'],
    note: 'a process of its own that cosigns other logs; knows no database',
  },
  {
    part: 'store',
    parts: ['base', 'ledger', 'register', 'registers (types)', 'answers (types)', 'facts (types)'],
    packages: ['pg', 'node:*'],
    note: 'the only SQL of records; knows the names in the declarations, not the declarations',
  },
  {
    part: 'identity',
    parts: ['base', 'register', 'registers (types)'],
    packages: ['pg', 'better-auth', '@better-auth/core', 'zod', 'node:crypto'],
    note: 'accounts, sessions, keys: a database role of its own',
  },
  {
    part: 'app',
    parts: [
      'base',
      'ledger',
      'register',
      'risk',
      'registers',
      'answers',
      'actions',
      'authority',
      'facts',
      'gate',
      'evidence',
      'timestamp',
      'pack',
      'sheet',
      'intake',
      'outgoing',
      'store',
      'identity',
    ],
    packages: ['csv-stringify', 'node:*'],
    note: 'the one write path',
  },
  {
    part: 'api',
    parts: [
      'base',
      'ledger',
      'register',
      'registers',
      'answers',
      'actions',
      'intake',
      'outgoing',
      'store',
      'app',
    ],
    packages: ['fastify', '@fastify/compress', '@fastify/static', 'zod', 'node:*'],
    note: 'HTTP; takes the form of a list query from store',
  },
  {
    part: 'cli',
    parts: [
      'base',
      'ledger',
      'register',
      'registers',
      'answers (types)',
      'actions',
      'gate',
      'evidence',
      'timestamp',
      'pack',
      'witness',
    ],
    packages: ['commander', 'cli-table3', 'csv-parse', 'csv-stringify', 'picocolors', 'node:*'],
    note: 'an HTTP client; verifies offline',
  },
  {
    part: 'web',
    parts: ['register (types)', 'registers (types)', 'answers (types)', 'actions (types)'],
    packages: [
      'react',
      'react-dom',
      'react-hook-form',
      'cmdk',
      'canonicalize',
      'fflate',
      '@base-ui/react',
      '@noble/curves',
      '@noble/hashes',
      '@tanstack/react-query',
      '@tanstack/react-router',
      '@tanstack/react-table',
      '@tanstack/react-virtual',
    ],
    note: 'runs in the browser; checks proofs with code of its own',
  },
  {
    part: 'demo',
    parts: ['base', 'standard', 'register', 'registers', 'store', 'app'],
    packages: ['zod', 'node:*'],
    note: 'plays the demo history',
  },
];

/** Files directly in src/: they put the parts together and may import all of them. */
export const TOP = ['instance.ts', 'start.ts', 'main.ts'];

/** Where the environment is read, and why there. */
export const ENVIRONMENT: Readonly<Record<string, string>> = {
  'main.ts': 'the only file that takes settings from it',
  'store/embedded/cluster.ts': 'hands PATH on to the database server, and nothing of ours',
};

/** The table as it stands in ARCHITECTURE.md between its two markers. */
export function layersMarkdown(): string {
  const rows = LAYERS.map(
    (l) =>
      `| \`${l.part}\` | ${l.parts.join(', ') || '–'} | ${l.packages.join(', ') || '–'} | ${l.note ?? ''} |`,
  );
  return [
    '<!-- layers -->',
    '| Part of src/ | may import | packages | |',
    '| --- | --- | --- | --- |',
    ...rows,
    `| ${TOP.map((t) => `\`${t}\``).join(', ')} | everything | node:* | put the parts together |`,
    '<!-- /layers -->',
  ].join('\n');
}
