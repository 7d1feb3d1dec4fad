/** Which of these was chosen. A list shows no other: anything else is a fault of the page, and is not taken for one of them. */
export function chosenOf<const T extends string>(options: readonly T[], value: string | undefined): T {
  const found = options.find((o) => o === value);
  if (found !== undefined) return found;
  throw new Error(`Expected one of ${options.join(', ')}, got ${JSON.stringify(value)}.`);
}
