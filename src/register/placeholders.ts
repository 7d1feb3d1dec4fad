/** Words in square brackets that begin with a capital: what a template leaves to be filled in. Links and footnotes of Markdown are none. */
const PLACEHOLDER = /\[[A-Z][^\][\n]{2,80}\](?!\()/g;

/** Each placeholder of a text once, in the order of its first occurrence. */
export const placeholdersIn = (text: string): string[] => [...new Set(text.match(PLACEHOLDER) ?? [])];
