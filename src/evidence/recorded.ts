import { type Content, misnamed } from './content.ts';
import type { Inspection } from './model.ts';
import { aboutVersion } from './subjects.ts';

/** What is recorded of evidence, and of the test run that a report tells: values cut to what their fields take. */

export const cut = (text: string, max: number): string =>
  (text.length > max ? `${text.slice(0, max - 1)}…` : text).toWellFormed();

/** Controls become spaces: a title is one line, and the database takes no NUL. */
export const oneLine = (text: string): string => text.replace(/\p{Cc}+/gu, ' ').trim();

/** What evidence is handed in with, whatever it is. */
export interface Told {
  /** The records that it supports. */
  for?: readonly string[];
  title?: string | undefined;
  claim?: string | undefined;
  coversFrom?: string | undefined;
  coversTo?: string | undefined;
  captured?: string | undefined;
  holdsUntil?: string | undefined;
  supersedes?: string | undefined;
}

/** What is told of it, as its fields take it; what was not told is absent. */
export const toldValues = (o: Told) => ({
  ...(o.claim ? { claim: cut(oneLine(o.claim), 1000) } : {}),
  ...(o.coversFrom ? { coversFrom: o.coversFrom } : {}),
  ...(o.coversTo ? { coversTo: o.coversTo } : {}),
  ...(o.captured ? { capturedAt: `${o.captured}T00:00:00.000Z` } : {}),
  ...(o.holdsUntil ? { holdsUntil: o.holdsUntil } : {}),
});

/** What a file says of itself, by its bytes and by the report that it may be. */
export function fileValues(
  fileName: string,
  content: Content,
  { sha256, bytes }: { sha256: string; bytes: number },
  title: string | undefined,
  report: Inspection | undefined,
) {
  const wrong = misnamed(fileName, content);
  return {
    title: cut(oneLine(title || report?.config.description || fileName) || 'Evidence', 200),
    file: `sha256:${sha256}`,
    fileName: cut(oneLine(fileName), 300) || 'unnamed',
    bytes,
    mediaType: content.mediaType,
    format: wrong ? `${content.label}, named ${wrong}` : content.label,
    ...(report ? reportValues(report) : {}),
  };
}

/** What the file itself says of when it was made, and what it covers. */
const reportValues = (i: Inspection) => ({
  mediaType: 'application/json',
  format: i.format ?? 'unknown',
  formatVersion: i.formatVersion,
  capturedAt: i.endedAt ?? i.startedAt,
  coversFrom: i.startedAt?.slice(0, 10) ?? null,
  coversTo: (i.endedAt ?? i.startedAt)?.slice(0, 10) ?? null,
});

/**
 * The run that a result file tells, about a release of this version: a file may compare several things, of which those of the release's own version
 * speak for it, and the others are told as left out.
 */
export function runValues(i: Inspection, released: string | null) {
  const about = aboutVersion(i, released);
  const versions = [...new Set(about.subjects.map((s) => s.version).filter((v) => v !== null))];
  return {
    kind: i.kind,
    tool: i.tool?.name,
    toolVersion: i.tool?.version,
    toolRunId: i.toolRunId ? cut(oneLine(i.toolRunId), 300) : null,
    status: i.status,
    startedAt: i.startedAt,
    endedAt: i.endedAt,
    ...about.counts,
    hazards: about.hazards.slice(0, 500).map((h) => ({
      id: cut(h.id, 2000),
      planned: h.planned,
      executed: h.executed,
      failed: h.failed,
      inconclusive: h.inconclusive,
      error: h.error,
      severity: h.severity,
    })),
    subjectName:
      about.subjects.length > 0 ? cut(oneLine(about.subjects.map((s) => s.name).join(', ')), 300) : null,
    // A file about several versions names them all: it then agrees with no single release.
    subjectVersion: versions.length > 0 ? cut(oneLine(versions.join(', ')), 120) : null,
    findings: about.findings.slice(0, 200).map((f) => ({
      code: f.code,
      severity: f.severity,
      location: cut(f.location, 500),
      message: cut(f.message, 1500),
    })),
  };
}
