import { HAZARDS, type Hazard, hazardById } from '../standard/hazards.ts';

/** What is known about a system that hazards can be told from. */
export interface SystemFacts {
  /** Kinds of its components: model, dataset, prompt, tool, agent, compute. */
  readonly kinds: readonly string[];
  readonly roles: readonly string[];
  readonly riskClass: string | undefined;
  /** Name, purpose, and names of components, as people wrote them. */
  readonly text: string;
  /** A component is known only by what its supplier says. */
  readonly supplied: boolean;
}

export interface HazardProposal {
  readonly code: string;
  readonly title: string;
  readonly category: string;
  readonly description: string;
  readonly severity: 'critical' | 'high' | 'medium';
  /** Facts it was chosen by, in words. */
  readonly why: readonly string[];
}

/** More than so many at once nobody reads. */
export const MOST = 8;

interface Rule {
  readonly hazards: readonly string[];
  readonly weight: number;
  readonly why: string;
  readonly when: (f: Facts) => boolean;
}

interface Facts extends SystemFacts {
  has(kind: string): boolean;
  says(pattern: RegExp): boolean;
}

const LANGUAGE =
  /\b(chat\w*|assistant|bot|llm|language model|gpt\w*|generat\w*|copilot|summar\w*|draft\w*|answers?|writ\w+|translat\w*)\b/;
const PEOPLE =
  /\b(applicants?|candidates?|cvs?|resumes?|hiring|recruit\w*|employees?|staff|credit|loans?|insur\w*|patients?|pupils?|students?|tenants?|benefits?|citizens?)\b/;
const PERSONAL =
  /\b(customers?|patients?|applicants?|employees?|accounts?|personal|users?|orders?|e-?mails?)\b/;
const DECIDING =
  /\b(scor\w*|rank\w*|select\w*|screen\w*|eligib\w*|approv\w*|reject\w*|decid\w*|classif\w*|grad\w+)\b/;
const RETRIEVAL = /\b(retriev\w*|rag|knowledge base|documents?|search\w*|wiki|web pages?)\b/;
const ACTING =
  /\b(agents?|refunds?|books?|books|sends?|execut\w*|trigger\w*|cancel\w*|deletes?|transfers?|look-?ups?)\b/;
const CODE = /\b(code|coding|software|developers?|program\w*|repositor\w*)\b/;
const FORECAST = /\b(forecast\w*|predict\w*|demand|price\w*|estimat\w*|detect\w*|anomal\w*|time series)\b/;
const VISION = /\b(images?|faces?|facial|cameras?|photos?|videos?|vision|biometric\w*|speech|voice)\b/;
const ADVICE = /\b(medical|health\w*|diagnos\w*|legal|lawyers?|financ\w*|tax\w*|invest\w*|therap\w*)\b/;
const CHILDREN = /\b(child\w*|minors?|teen\w*|schools?|pupils?|youth)\b/;
const SELLING =
  /\b(sales?|sell\w*|shop\w*|support|prices?|refunds?|returns?|contracts?|offers?|warrant\w*)\b/;

const talks = (f: Facts): boolean => f.has('prompt') || f.says(LANGUAGE);

const RULES: readonly Rule[] = [
  {
    hazards: ['HZ-001', 'HZ-005'],
    weight: 5,
    why: 'it is steered by text (a prompt among its components, or its purpose)',
    when: talks,
  },
  { hazards: ['HZ-003', 'HZ-028'], weight: 2, why: 'it writes text for people', when: talks },
  { hazards: ['HZ-026'], weight: 5, why: 'it gives answers that people may take for true', when: talks },
  {
    hazards: ['HZ-002', 'HZ-010'],
    weight: 5,
    why: 'its purpose speaks of documents or search',
    when: (f) => talks(f) && f.says(RETRIEVAL),
  },
  {
    hazards: ['HZ-018'],
    weight: 4,
    why: 'its purpose speaks of people or their data',
    when: (f) => f.says(PERSONAL),
  },
  {
    hazards: ['HZ-021'],
    weight: 2,
    why: 'several people use it with data of their own',
    when: (f) => talks(f) && f.says(PERSONAL),
  },
  {
    hazards: ['HZ-044', 'HZ-046'],
    weight: 5,
    why: 'it has an agent or tools among its components',
    when: (f) => f.has('agent') || (f.has('tool') && talks(f)),
  },
  {
    hazards: ['HZ-047', 'HZ-048'],
    weight: 3,
    why: 'it has an agent among its components',
    when: (f) => f.has('agent'),
  },
  {
    hazards: ['HZ-044'],
    weight: 2,
    why: 'its purpose speaks of acting',
    when: (f) => talks(f) && f.says(ACTING),
  },
  {
    hazards: ['HZ-037'],
    weight: 4,
    why: 'it speaks with customers about what is sold',
    when: (f) => talks(f) && f.says(SELLING),
  },
  { hazards: ['HZ-054'], weight: 3, why: 'anyone who talks to it can ask for anything', when: talks },
  {
    hazards: ['HZ-040', 'HZ-041'],
    weight: 6,
    why: 'its purpose speaks of people about whom something is decided',
    when: (f) => f.says(PEOPLE) && (f.says(DECIDING) || f.riskClass === 'high'),
  },
  {
    hazards: ['HZ-058', 'HZ-052'],
    weight: 5,
    why: 'people are affected by what it decides or suggests',
    when: (f) => f.says(PEOPLE) && (f.says(DECIDING) || f.riskClass === 'high'),
  },
  { hazards: ['HZ-053'], weight: 4, why: 'its risk class is high', when: (f) => f.riskClass === 'high' },
  {
    hazards: ['HZ-072', 'HZ-063'],
    weight: 2,
    why: 'its risk class is high',
    when: (f) => f.riskClass === 'high',
  },
  {
    hazards: ['HZ-014', 'HZ-013'],
    weight: 3,
    why: 'a data set is among its components',
    when: (f) => f.has('dataset'),
  },
  {
    hazards: ['HZ-008', 'HZ-016'],
    weight: 2,
    why: 'we build it with data of ours',
    when: (f) => f.has('dataset') && f.roles.some((r) => r === 'producer' || r === 'provider'),
  },
  {
    hazards: ['HZ-060'],
    weight: 4,
    why: 'it predicts or detects, and the world changes',
    when: (f) => f.says(FORECAST),
  },
  { hazards: ['HZ-062', 'HZ-013'], weight: 3, why: 'it predicts or detects', when: (f) => f.says(FORECAST) },
  {
    hazards: ['HZ-061'],
    weight: 4,
    why: 'a supplier may change what we use without telling',
    when: (f) => f.supplied || (f.roles.includes('customer') && !f.roles.includes('producer')),
  },
  {
    hazards: ['HZ-024'],
    weight: 4,
    why: 'our people put data of ours into what others offer',
    when: (f) => f.roles.includes('customer') && talks(f) && (f.supplied || !f.roles.includes('producer')),
  },
  {
    hazards: ['HZ-069', 'HZ-066'],
    weight: 2,
    why: 'it rests on a supplier',
    when: (f) => f.supplied || f.roles.includes('customer'),
  },
  { hazards: ['HZ-027', 'HZ-049'], weight: 5, why: 'its purpose speaks of code', when: (f) => f.says(CODE) },
  { hazards: ['HZ-068', 'HZ-033'], weight: 3, why: 'its purpose speaks of code', when: (f) => f.says(CODE) },
  {
    hazards: ['HZ-006'],
    weight: 4,
    why: 'it recognises images, voices or faces',
    when: (f) => f.says(VISION),
  },
  {
    hazards: ['HZ-025', 'HZ-041'],
    weight: 3,
    why: 'it recognises images, voices or faces',
    when: (f) => f.says(VISION),
  },
  {
    hazards: ['HZ-036'],
    weight: 6,
    why: 'its purpose touches health, law or money',
    when: (f) => f.says(ADVICE) && talks(f),
  },
  {
    hazards: ['HZ-031'],
    weight: 6,
    why: 'children or young people may use it',
    when: (f) => f.says(CHILDREN),
  },
  { hazards: ['HZ-057'], weight: 2, why: 'people talk to it', when: (f) => talks(f) && f.says(PERSONAL) },
  { hazards: ['HZ-009'], weight: 2, why: 'a model is among its components', when: (f) => f.has('model') },
  { hazards: ['HZ-064', 'HZ-065'], weight: 1, why: 'every system changes and fails', when: () => true },
  {
    hazards: ['HZ-060', 'HZ-015'],
    weight: 1,
    why: 'every system is judged by tests that must stay right',
    when: () => true,
  },
  {
    hazards: ['HZ-055', 'HZ-070'],
    weight: 1,
    why: 'several parties have a hand in every system',
    when: () => true,
  },
];

/**
 * At most eight hazards of the catalogue that fit the system best, each with the facts it was chosen by; those that are on
 * record for it already (`known`, by code) are left out. Rules on words only: it reads what people wrote, understands
 * nothing, and misses what nobody wrote down.
 */
export function proposeHazards(facts: SystemFacts, known: readonly string[]): HazardProposal[] {
  const text = facts.text.toLowerCase();
  const f: Facts = {
    ...facts,
    has: (kind) => facts.kinds.includes(kind),
    says: (pattern) => pattern.test(text),
  };
  const found = new Map<string, { score: number; why: string[] }>();
  for (const rule of RULES) {
    if (!rule.when(f)) continue;
    for (const id of rule.hazards) {
      const one = found.get(id) ?? { score: 0, why: [] };
      found.set(id, { score: one.score + rule.weight, why: [...one.why, rule.why] });
    }
  }
  const taken = new Set(known.map((code) => code.trim().toUpperCase()));
  return HAZARDS.filter((h) => found.has(h.id) && !taken.has(h.id))
    .sort((a, b) => found.get(b.id)!.score - found.get(a.id)!.score || (a.id < b.id ? -1 : 1))
    .slice(0, MOST)
    .map((h) => proposal(h, found.get(h.id)!, facts));
}

function proposal(
  h: Hazard,
  { score, why }: { score: number; why: string[] },
  facts: SystemFacts,
): HazardProposal {
  const { id, title, category, description } = h;
  const severity = score >= 5 && facts.riskClass === 'high' ? 'critical' : score >= 3 ? 'high' : 'medium';
  return { code: id, title, category, description, severity, why: [...new Set(why)] };
}

/** Every id that a rule names. For checking that none is misspelt. */
export const hazardsInRules = (): string[] => [...new Set(RULES.flatMap((r) => r.hazards))];

/** An entry of the catalogue, by its id. */
export const catalogueHazard = (code: string): Hazard | undefined => hazardById(code);
