/** Address of a log below the server's root: the first one of an organisation keeps its place whatever comes after it. */
export const logPath = (org: string, number: number): string =>
  number === 1 ? `/log/${encodeURIComponent(org)}` : `/log/${encodeURIComponent(org)}/${number}`;
