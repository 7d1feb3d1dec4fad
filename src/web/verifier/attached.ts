import { p256 } from '@noble/curves/nist.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { fromBase64, toBase64, toHex } from '../proof/note.ts';
import { type Findings, need } from './findings.ts';
import { asList, asObject, asText, asWhole, exactly, jsonObject, lineObject, utf8 } from './reading.ts';
import type { Records } from './records.ts';
import { readStamp } from './stamp.ts';
import type { PackFiles } from './zip.ts';

/** A time stamp that is over a checkpoint of this log. Its signature is not checked here. */
export interface Stamped {
  size: number;
  at: string;
}

/** Evidence is what a record names by its digest. Answers how many files there are. */
export async function checkEvidence(files: PackFiles, records: Records, findings: Findings): Promise<number> {
  const index = 'evidence/index.jsonl';
  const listed = new Set<string>();
  if (files.has(index))
    await findings.attempt({ file: index }, async () => {
      let line = 0;
      for await (const bytes of files.lines(index)) {
        const place = { file: index, line: ++line };
        await findings.attempt(place, async () => {
          const said = exactly(lineObject(bytes), 'sha256 bytes fileName ref', 'the line');
          const digest = asText(said.sha256, '"sha256"');
          const name = `evidence/${digest}`;
          listed.add(name);
          const own = records.evidence.get(digest);
          need(own !== undefined && own.ref === said.ref, `${String(said.ref)} does not name ${name}`);
          need(own.fileName === said.fileName, `${own.ref} does not call ${name} "${String(said.fileName)}"`);
          const found = await digestOf(files, name, findings);
          need(found.sha256 === digest, `${name} was changed: its SHA-256 is ${found.sha256}`);
          need(
            found.bytes === asWhole(said.bytes, '"bytes"'),
            `${name} has ${found.bytes} bytes, the line says ${String(said.bytes)}`,
          );
        });
      }
    });
  for (const file of files.under('evidence/'))
    if (file !== index && !listed.has(file)) findings.add({ file }, `${index} does not name this file`);
  for (const [digest, { ref }] of records.evidence)
    if (!listed.has(`evidence/${digest}`))
      findings.add({ ref, file: `evidence/${digest}` }, `${ref} is this file, which is not in the pack`);
  return listed.size;
}

/** SHA-256 of a file, and its length. */
export async function digestOf(
  files: PackFiles,
  name: string,
  findings: Findings,
): Promise<{ sha256: string; bytes: number }> {
  const hash = sha256.create();
  let bytes = 0;
  for await (const piece of files.chunks(name)) {
    for (let at = 0; at < piece.length; at += 1 << 20) {
      hash.update(piece.subarray(at, at + (1 << 20)));
      await findings.step(piece.length / 4096);
    }
    bytes += piece.length;
  }
  return { sha256: toHex(hash.digest()), bytes };
}

/** Each signed statement is the one its record committed to, and the gate signed it. */
export async function checkDecisions(
  files: PackFiles,
  records: Records,
  gateKey: unknown,
  findings: Findings,
): Promise<number> {
  const names = files.under('decisions/');
  for (const file of names)
    await findings.attempt({ file }, async () => {
      const ref = file.slice('decisions/'.length, -'.dsse.json'.length);
      const text = (await files.text(file)).replace(/\n$/, '');
      need(records.statements.has(ref), `${ref} has no signed statement`);
      need(records.statements.get(ref) === text, `it is not the statement that ${ref} committed to`);
      checkEnvelope(text, asText(gateKey, '"gateKey"'));
    });
  for (const ref of records.statements.keys())
    if (!files.has(`decisions/${ref}.dsse.json`))
      findings.add({ ref, file: `decisions/${ref}.dsse.json` }, `the signed statement of ${ref} is missing`);
  return names.length;
}

/** DSSE 1.0.2 with one ECDSA P-256 signature. */
function checkEnvelope(text: string, pem: string): void {
  const spki = fromBase64(pem.replace(/-----[A-Z ]+-----|\s/g, ''));
  // RFC 5480: the key is the last 65 bytes, after a head that is the same for every P-256 key.
  const head = '3059301306072a8648ce3d020106082a8648ce3d030107034200';
  need(
    spki?.length === 91 && toHex(spki.subarray(0, 26)) === head,
    'the key of the gate is not an ECDSA P-256 key',
  );
  const envelope = exactly(jsonObject(text, 'it'), 'payload payloadType signatures', 'the envelope');
  const list = asList(envelope.signatures, '"signatures"');
  need(list.length === 1, 'the envelope must have one signature');
  const signature = exactly(list[0], 'keyid sig', 'the signature');
  const type = asText(envelope.payloadType, '"payloadType"');
  const payload = fromBase64(asText(envelope.payload, '"payload"'));
  const sig = fromBase64(asText(signature.sig, '"sig"'));
  need(payload !== undefined && sig !== undefined, 'payload or signature is not base64');
  need(signature.keyid === toBase64(sha256(spki)), 'it was signed with another key than the one of the gate');
  const start = new TextEncoder().encode(
    `DSSEv1 ${new TextEncoder().encode(type).length} ${type} ${payload.length} `,
  );
  const message = new Uint8Array(start.length + payload.length);
  message.set(start);
  message.set(payload, start.length);
  need(
    isSigned(sig, message, spki.subarray(26)),
    'the signature of the gate does not fit: one of them was changed',
  );
  asObject(JSON.parse(utf8(payload)), 'the statement');
}

function isSigned(sig: Uint8Array, message: Uint8Array, key: Uint8Array): boolean {
  try {
    // OpenSSL signs with either half of the curve.
    return p256.verify(sig, message, key, { format: 'der', lowS: false });
  } catch {
    return false;
  }
}

/** Each stamp is over the text of a checkpoint of this log. */
export async function checkStamps(
  files: PackFiles,
  texts: ReadonlyMap<number, readonly string[]>,
  findings: Findings,
): Promise<Stamped[]> {
  const stamped: Stamped[] = [];
  for (const file of files.under('stamps/')) {
    await findings.attempt({ file }, async () => {
      if (/^stamps\/chain-[0-9]+\.pem$/.test(file)) return;
      const parts = /^stamps\/(0|[1-9][0-9]*)\.(body|tsr)$/.exec(file);
      need(parts !== null, 'a pack has no such file');
      const size = Number(parts[1]);
      const other = `stamps/${size}.${parts[2] === 'tsr' ? 'body' : 'tsr'}`;
      need(files.has(other), `${other} is missing`);
      const body = await files.bytes(`stamps/${size}.body`, 1024 ** 2);
      if (parts[2] === 'body') {
        need(
          texts.get(size)?.includes(utf8(body)) === true,
          `it is not the text of the checkpoint of ${size} entries`,
        );
        return;
      }
      const stamp = readStamp(await files.bytes(file, 1024 ** 2));
      need(toHex(stamp.imprint) === toHex(sha256(body)), `the stamp is over another text than ${other}`);
      stamped.push({ size, at: stamp.at });
    });
  }
  return stamped.sort((a, b) => a.size - b.size);
}
