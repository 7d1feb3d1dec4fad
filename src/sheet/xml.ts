import { SaxesParser } from 'saxes';
import { Failure } from '../base/failure.ts';
import { messageOf } from '../base/thrown.ts';
import { notRead } from './archive.ts';
import { SHEET_LIMITS } from './limits.ts';

export interface XmlEvents {
  /** Local name, attributes by local name. */
  open?(name: string, attributes: ReadonlyMap<string, string>): void;
  close?(name: string): void;
  text?(text: string): void;
}

/** Thrown from an event to end reading: what was wanted has been read. */
export class Enough extends Error {}

const local = (name: string): string => name.slice(name.indexOf(':') + 1);

/**
 * Reads XML as it arrives, a piece at a time, so that other requests are answered in between. A document type, deep nesting and whatever is
 * not well formed are refused. The prefix of a name says nothing here: the parts of a workbook use one vocabulary each.
 */
export async function readXml(part: string, source: AsyncIterable<Buffer>, events: XmlEvents): Promise<void> {
  const parser = new SaxesParser({ xmlns: false, position: false });
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let depth = 0;
  let any = false;
  const say = (why: string) => notRead(`${part.slice(0, 80)} ${why}`);
  parser.on('error', (error) => {
    throw say(`is not well-formed XML (${error.message.slice(0, 120)})`);
  });
  parser.on('doctype', () => {
    throw say('declares a document type, which no workbook needs');
  });
  parser.on('opentag', (tag) => {
    depth += 1;
    if (depth > SHEET_LIMITS.depth) throw say('is nested too deeply');
    events.open?.(
      local(tag.name),
      new Map(Object.entries(tag.attributes).map(([k, v]) => [local(k), String(v)])),
    );
  });
  parser.on('closetag', (tag) => {
    depth -= 1;
    events.close?.(local(tag.name));
  });
  if (events.text) {
    const text = events.text.bind(events);
    parser.on('text', text);
    parser.on('cdata', text);
  }
  try {
    for await (const chunk of source) {
      any = true;
      let piece: string;
      try {
        piece = decoder.decode(chunk, { stream: true });
      } catch {
        throw say('is not UTF-8');
      }
      parser.write(piece);
    }
    if (any) parser.close();
  } catch (error) {
    if (error instanceof Enough) return;
    if (error instanceof Failure) throw error;
    throw say(`cannot be read (${messageOf(error).slice(0, 120)})`);
  }
}
