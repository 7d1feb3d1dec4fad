import { member } from '../base/member.ts';

export interface Page {
  readonly items: readonly unknown[];
  readonly next: string | number | null;
  readonly references?: Readonly<Record<string, unknown>>;
}

/** Every page of an answer as one. A page without items ends it, whatever it says of the next. */
export async function allPages<P extends Page>(read: (after: string | undefined) => Promise<P>): Promise<P> {
  const first = await read(undefined);
  const items = [...first.items];
  let references = first.references;
  for (let { next } = first; next !== null; ) {
    const page: P = await read(String(next));
    items.push(...page.items);
    references = { ...references, ...page.references };
    next = page.items.length === 0 ? null : page.next;
  }
  return { ...first, items, next: null, ...(references ? { references } : {}) };
}

export const isPage = (answer: unknown): answer is Page =>
  Array.isArray(member(answer, 'items')) &&
  ['string', 'number', 'object'].includes(typeof member(answer, 'next'));
