/** Components that a file describes: a bill of materials or the card of a model or dataset. Bytes in, proposals out; pure. */

import { sha256Hex } from '../../base/canonical.ts';
import { isJsonObject, JsonError, parseJson } from '../../base/json.ts';
import { thrown } from '../../base/thrown.ts';
import { Findings } from '../findings.ts';
import { Proposals } from './building.ts';
import { readCycloneDx } from './cyclonedx.ts';
import { readCard } from './front-matter.ts';
import type { ComponentFile } from './model.ts';
import { readModelCard } from './model-card.ts';

export { type ComponentFile, MOST_COMPONENTS, type ProposedComponent } from './model.ts';

/** Largest file that is read, in bytes: of JSON, of Markdown. */
const MOST = { json: 8 * 1_048_576, text: 2 * 1_048_576 };

/**
 * Reads a file for components. Never throws for its content: what cannot be read, or is not of these formats, comes back with
 * `accepted: false` and the reasons. Nothing that it refers to is fetched, and nothing in it is run.
 */
export function readComponents(bytes: Uint8Array, fileName = ''): ComponentFile {
  const findings = new Findings();
  const out = new Proposals(findings);
  let format: ComponentFile['format'] = null;
  let formatVersion: string | null = null;
  try {
    const start = Buffer.from(bytes.subarray(0, 64))
      .toString('latin1')
      .replace(/^\u00EF\u00BB\u00BF/, '')
      .trimStart();
    if (start.startsWith('{') || start.startsWith('[')) {
      const json = parseJson(bytes, { maxBytes: MOST.json, maxKeys: 400_000 });
      const version = isJsonObject(json) ? readCycloneDx(json, out, findings) : null;
      if (version === null)
        findings.refuse(
          'unknown-format',
          '',
          'The file is JSON, but no CycloneDX bill of materials ("bomFormat": "CycloneDX").',
        );
      else [format, formatVersion] = ['cyclonedx', version];
    } else if (start.startsWith('<'))
      findings.refuse('unknown-format', '', 'The file is XML or HTML; take the bill of materials as JSON.');
    else if (bytes.length > MOST.text)
      findings.refuse(
        'too-large',
        '',
        `The file is larger than the ${MOST.text} bytes that a card may have.`,
      );
    else {
      const text = textOf(bytes);
      if (text === undefined || text.trim() === '')
        findings.refuse(
          text === undefined ? 'encoding' : 'empty-file',
          '',
          text === undefined ? 'The file is not UTF-8 text.' : 'The file is empty.',
        );
      else {
        const card = readCard(text, findings);
        if (card && !card.meta && !/\.(md|markdown)$/i.test(fileName) && !/^#[ \t]/m.test(card.body))
          findings.refuse(
            'unknown-format',
            '',
            'The file is neither a CycloneDX bill of materials (JSON) nor a Markdown card.',
          );
        else if (card) format = readModelCard(card, fileName || 'unnamed', out, findings);
      }
    }
    out.settle();
  } catch (error) {
    if (error instanceof JsonError)
      findings.refuse('not-json', `line ${error.line}, column ${error.column}`, error.message);
    // A fault of this reader must not take the service down, and must never let a file pass.
    else
      findings.refuse(
        'unreadable',
        '',
        `The reader could not make sense of the file (${thrown(error).name}); please report it.`,
      );
  }
  if (!findings.refused && out.list.length === 0)
    findings.refuse('no-components', '', 'The file names no component.');
  return {
    accepted: !findings.refused,
    format,
    formatVersion,
    components: findings.refused ? [] : out.list,
    findings: findings.all(),
    sha256: sha256Hex(bytes),
    bytes: bytes.length,
  };
}

/** UTF-8 without its mark, line ends of one kind; undefined for other encodings. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replaceAll('\r\n', '\n');
  } catch {
    return undefined;
  }
}
