/** Calendar day and minute in the reader's zone: `2026-11-23 20:41`. */
export function momentText(value: unknown): string {
  const at = new Date(String(value));
  if (Number.isNaN(at.getTime())) return String(value ?? '');
  const two = (n: number) => String(n).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** `PT1H15M` -> `1 h 15 min`; anything else is shown as it is. */
export function durationText(value: unknown): string {
  const parts =
    /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?$/.exec(
      String(value),
    );
  if (!parts) return String(value ?? '');
  const units = ['y', 'months', 'weeks', 'd', 'h', 'min', 's'];
  const words = units.map((unit, i) => (parts[i + 1] ? `${parts[i + 1]} ${unit}` : '')).filter(Boolean);
  return words.join(' ') || String(value);
}

/** `inScope` -> `In scope`, `rolled_back` -> `Rolled back`: how a name from a declaration is read aloud. */
export function words(name: string): string {
  const spaced = name
    .replace(/[_-]+/g, ' ')
    .replace(/([a-z0-9])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);
  const sentence = spaced.charAt(0).toUpperCase() + spaced.slice(1);
  return sentence.replace(/\b(aims|ai|api|capa|ci|raci)\b/gi, (letters) => letters.toUpperCase());
}

/** `sha256:0123456789abcdef…` short enough for a table. */
export function shortDigest(value: string): string {
  const [algorithm, hex] = value.split(':');
  return hex && hex.length > 16 ? `${algorithm}:${hex.slice(0, 12)}…` : value;
}

export const plural = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString('en')} ${n === 1 ? one : many}`;

export function bytesText(n: number): string {
  if (n < 1024) return `${n} bytes`;
  return n < 1024 * 1024 ? `${(n / 1024).toFixed(1)} KiB` : `${(n / 1024 / 1024).toFixed(1)} MiB`;
}

/** `system.approver` -> `Approver of the system`, `riskTreated` -> `Risk treated`: a name of the program that a text holds. */
export const codeText = (name: string): string => words(name.split('.').reverse().join(' of the '));

/** `system.approver` -> `approver of the system`; a role of the organisation by its label. */
export function roleText(role: string, labels: Record<string, string>): string {
  const label = labels[role];
  if (label) return label;
  return role.includes('.') ? role.split('.').reverse().join(' of the ') : words(role).toLowerCase();
}
