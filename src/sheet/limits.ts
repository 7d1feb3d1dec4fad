/** What is read of a workbook, at most. Bytes, unless it says otherwise. */
export const SHEET_LIMITS = {
  /** Files in the archive. */
  parts: 2_000,
  /** All that is unpacked, and how many times its packed size a part may have beyond `free`. */
  unpacked: 128 * 1_048_576,
  free: 1_048_576,
  ratio: 200,
  sheets: 200,
  columns: 500,
  /** Shared texts, and the units of UTF-16 of all texts together. */
  texts: 500_000,
  characters: 60_000_000,
  /** Nested elements. */
  depth: 32,
  /** Units of UTF-16 in one cell, its continuation included. */
  cell: 8_000_000,
} as const;
