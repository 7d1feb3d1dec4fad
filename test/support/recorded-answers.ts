/**
 * Records what an organisation answers: each question that can be read of it, asked by several people. It knows the interface alone and nothing
 * below it, so that the answers of two versions can be compared.
 */

/** Somebody who asks. */
export interface Asker {
  who: string;
  get(path: string): Promise<{ status: number; text: string }>;
}

/** What is known of an operation: the list of them is the server's. */
export interface Readable {
  method: string;
  path: string;
  access: 'public' | 'account' | 'member';
  register?: { name: string };
}

export interface Recording {
  slug: string;
  operations: readonly Readable[];
  askers: readonly Asker[];
  /** Those of a register's records that `who` asks this question about; all unless told. */
  choose?: (question: Question) => readonly string[];
  /** Does `who` ask this, as the operation declares it and with what follows `?`; everything unless told. */
  asks?: (path: string, who: string) => boolean;
}

export interface Question {
  /** As the operation declares it, such as `/api/v1/:org/risk/:ref/standing`. */
  path: string;
  register: string;
  refs: readonly string[];
  who: string;
}

/** One answer: JSON as it was parsed, anything else as text. */
export interface Recorded {
  path: string;
  who: string;
  status: number;
  body: unknown;
}

const BASE = '/api/v1/:org/';

/** What is read and not recorded, and what looks at it instead. */
export const NOT_RECORDED: readonly { path: RegExp; why: string }[] = [
  { path: /\/(export|template\.(csv|xlsx))$/, why: 'files of what lists and the declaration say' },
  { path: /\/evidence\/:ref\/(file|preview)$/, why: 'the bytes that were handed in' },
  { path: /\/audit-pack$/, why: 'a file that the verifiers read' },
  { path: /\/proof$/, why: 'salts and proofs, which differ in each log; the verifiers read them' },
  { path: /\/log\/stamps\/:size(\/token)?$/, why: 'bytes of an authority' },
  { path: /\/invitations\/:token$/, why: 'told to whoever holds a secret' },
  { path: /\/meta$/, why: 'the declaration itself' },
];

/** Questions beside the plain one: `?` and what follows, `:aiSystem` standing for each of its records. */
const VARIANTS: Readonly<Record<string, readonly string[]>> = {
  'my-work': ['?limit=200', '?kind=decisions', '?person=:person'],
  'my-work/digest': ['?week=2026-W48'],
  'risk/matrix': ['', '?basis=before', '?system=:aiSystem'],
  'risk/portfolio': ['', '?system=:aiSystem'],
  'control/statement': ['', '?format=csv'],
  raci: ['', '?system=:aiSystem'],
  search: ['?q=model', '?q=risk%20data', '?q=SYS-1', '?q=PSN-0003', '?q=plan&limit=50'],
  'aiSystem/similar': ['?name=Support%20assistant', '?name=Assistant%201'],
  'component/similar': ['?name=gpt&version=1', '?name=Component%201.1'],
  'supplier/similar': ['?name=OpenAI'],
  differences: ['?from=1&limit=20'],
  log: ['?limit=20'],
};
const LISTED = '?limit=200&total=true';
const BACKWARDS = '?limit=20&sort=-updatedAt';

const below = (path: string): string | undefined =>
  path.startsWith(BASE) ? path.slice(BASE.length) : undefined;

export const recordedOf = (operations: readonly Readable[]): Readable[] =>
  operations.filter((o) => o.method === 'GET' && !NOT_RECORDED.some((n) => n.path.test(o.path)));

/** Asks everything, in one order: by operation, then record, then person. */
export async function* recordAnswers(r: Recording): AsyncGenerator<Recorded> {
  const refs = await refsOf(r);
  for (const o of recordedOf(r.operations))
    for (const asker of o.access === 'public' ? [nobody(r)] : [...r.askers])
      for (const path of pathsOf(o, refs, asker.who, r)) yield* answersTo(asker, path, r.slug);
}

const nobody = (r: Recording): Asker => r.askers.find((a) => a.who === 'nobody') ?? r.askers[0]!;

/** The numbers of each register, as the first sees them who may: a register is open or closed as a whole. */
async function refsOf(r: Recording): Promise<ReadonlyMap<string, readonly string[]>> {
  const all = new Map<string, Set<string>>();
  for (const o of r.operations) {
    if (o.method !== 'GET' || !o.register || below(o.path) !== o.register.name) continue;
    all.set(o.register.name, new Set(await listed(r, o.register.name)));
  }
  return new Map([...all].map(([name, found]) => [name, [...found].sort()]));
}

async function listed(r: Recording, register: string): Promise<string[]> {
  const found: string[] = [];
  for (const asker of r.askers) {
    for (let after: string | undefined = ''; after !== undefined; ) {
      const more: string = after ? `&after=${encodeURIComponent(after)}` : '';
      const { status, text } = await asker.get(`/api/v1/${r.slug}/${register}?limit=200${more}`);
      if (status === 401 || status === 403) break;
      if (status !== 200) throw new Error(`${register}: ${status} ${text}`);
      const page: { items: { ref: string }[]; next: string | null } = JSON.parse(text);
      found.push(...page.items.map((i) => i.ref));
      after = page.next ?? undefined;
    }
    if (found.length > 0) break;
  }
  return found;
}

/** Every path that an operation is asked by. */
function pathsOf(
  o: Readable,
  refs: ReadonlyMap<string, readonly string[]>,
  who: string,
  r: Recording,
): string[] {
  const chosen = (register: string) => {
    const all = refs.get(register) ?? [];
    return r.choose?.({ path: o.path, register, refs: all, who }) ?? all;
  };
  const path = below(o.path);
  if (path === undefined) return [o.path];
  if (path === ':register/:ref/comments' || path === ':register/:ref/since-approval')
    return [...refs.keys()].flatMap((name) =>
      chosen(name).map((ref) => path.replace(':register', name).replace(':ref', ref)),
    );
  if (path.includes(':ref')) {
    const register = o.register?.name ?? path.split('/')[0]!;
    return chosen(register).map((ref) => path.replace(':ref', ref));
  }
  const variants = (VARIANTS[path] ?? (o.register?.name === path ? [LISTED, BACKWARDS] : [''])).filter(
    (v) => r.asks?.(o.path + v, who) ?? true,
  );
  return variants.flatMap((v) => {
    const each = /=:(\w+)/.exec(v)?.[1];
    return each ? chosen(each).map((ref) => path + v.replace(`:${each}`, ref)) : [path + v];
  });
}

/** The answer, with the pages that follow it. */
async function* answersTo(asker: Asker, path: string, slug: string): AsyncGenerator<Recorded> {
  for (let page = 1, after = ''; page <= 3; page += 1) {
    const more = after ? `${path.includes('?') ? '&' : '?'}after=${encodeURIComponent(after)}` : '';
    const url = path.startsWith('/') ? path : `/api/v1/${slug}/${path}`;
    const { status, text } = await asker.get(url + more);
    const body = parsed(text);
    yield { path: page === 1 ? path : `${path} page ${page}`, who: asker.who, status, body };
    const next = body && typeof body === 'object' && 'next' in body ? body.next : undefined;
    if (typeof next !== 'string' || !/[?&]limit=200|^[\w/-]+$/.test(path)) return;
    after = next;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
