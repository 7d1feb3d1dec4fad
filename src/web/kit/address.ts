import { useParams, useSearch } from '@tanstack/react-router';

const textIn = (given: object, name: string): string | undefined => {
  const found: unknown = Object.entries(given).find(([key]) => key === name)?.[1];
  return typeof found === 'string' && found !== '' ? found : undefined;
};

/** A text that the address has behind its question mark. */
export const useSearchText = (name: string): string | undefined => textIn(useSearch({ strict: false }), name);

/** All texts that it has there. */
export const useSearchTexts = (): Record<string, string> => textsOf(useSearch({ strict: false }));

/** What of a search is text; the router's own form of it keeps no other, and no empty one. */
export const textsOf = (search: object): Record<string, string> =>
  Object.fromEntries(
    Object.entries(search).filter((one): one is [string, string] => typeof one[1] === 'string'),
  );

/** A part of the address's path; empty where the page's path has no such part. */
export const usePathText = (name: string): string => textIn(useParams({ strict: false }), name) ?? '';
