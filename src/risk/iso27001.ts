/** Annex A of ISO/IEC 27001:2022 by number: A.5.1 to A.5.37 and so on. */
const CONTROLS: Readonly<Record<string, number>> = { '5': 37, '6': 8, '7': 14, '8': 34 };

/**
 * What is wrong with the references to ISO/IEC 27001 in a text: numbers that its Annex A of 2022 does not have. A text
 * that does not name the standard is a reference to something else, and none of our business.
 */
export function referenceFaults(text: string): string[] {
  const faults: string[] = [];
  // Each mention of the standard governs the numbers after it, up to the next semicolon.
  for (const part of text.split(';')) {
    const at = /\b27001\b(?::\d{4})?/.exec(part);
    if (!at) continue;
    const numbers = part.slice(at.index + at[0].length).match(/\bA?\.?\d+(?:\.\d+)+/gi) ?? [];
    if (numbers.length === 0)
      faults.push('names ISO/IEC 27001 and no control; expected such as ISO/IEC 27001 A.5.23');
    for (const n of numbers) {
      const m = /^A?\.?(\d+)\.(\d+)$/i.exec(n);
      const top = m ? CONTROLS[m[1]!] : undefined;
      if (!m || top === undefined || Number(m[2]) < 1 || Number(m[2]) > top)
        faults.push(
          `Annex A of ISO/IEC 27001:2022 has no ${n}; it has A.5.1 to A.5.37, A.6.1 to A.6.8, A.7.1 to A.7.14 and A.8.1 to A.8.34`,
        );
    }
  }
  return faults;
}
