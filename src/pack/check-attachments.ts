import { createPublicKey } from 'node:crypto';
import { verifyEnvelope } from '../gate/attestation.ts';
import { verifyStamp } from '../timestamp/index.ts';
import type { KeysChecked } from './check-keys.ts';
import type { RecordsChecked } from './check-records.ts';
import { PACK_FILES, type PackEvidence } from './format.ts';
import { hasExactly, isObject, jsonLine } from './json-line.ts';
import type { Problems } from './problems.ts';
import { FileFault, type PackZip } from './zip-read.ts';

/** What lies beside the records. */
export interface AttachmentsChecked {
  evidence: number;
  decisions: number;
  /** Time stamps that hold: size of the stamped checkpoint, time, whose key. */
  stamps: { size: number; at: string; by?: string; anchor?: string }[];
}

/** Evidence files, signed statements and time stamps. */
export async function checkAttachments(
  zip: PackZip,
  gateKey: string,
  records: RecordsChecked,
  keys: KeysChecked,
  problems: Problems,
): Promise<AttachmentsChecked> {
  const evidence = await checkEvidence(zip, records, problems);
  const decisions = await checkDecisions(zip, gateKey, records, problems);
  return { evidence, decisions, stamps: await checkStamps(zip, keys, problems) };
}

async function checkEvidence(zip: PackZip, records: RecordsChecked, problems: Problems): Promise<number> {
  const listed = new Map<string, { line: number; bytes: unknown }>();
  await guarded(PACK_FILES.evidenceIndex, problems, async () => {
    for await (const { line, bytes } of zip.lines(PACK_FILES.evidenceIndex)) {
      const place = { file: PACK_FILES.evidenceIndex, line };
      const { value, problem } = jsonLine(bytes);
      const one = (isObject(value) ? value : {}) as unknown as PackEvidence;
      const shape = isObject(value) && hasExactly(value, ['sha256', 'bytes', 'fileName', 'ref']);
      const known = records.files.get(one.sha256);
      if (problem || !shape)
        problems.add('attachments', place, problem ?? 'the line must hold sha256, bytes, fileName and ref');
      else if (known === undefined || known.ref !== one.ref || known.fileName !== one.fileName)
        problems.add(
          'attachments',
          { ...place, ref: String(one.ref).slice(0, 40) },
          `no version of ${String(one.ref).slice(0, 40)} names this file by this name`,
        );
      else listed.set(one.sha256, { line, bytes: one.bytes });
    }
  });
  let found = 0;
  for (const [sha256, { ref }] of records.files) {
    const file = `${PACK_FILES.evidence}${sha256}`;
    const place = { file, ref };
    if (!listed.has(sha256))
      problems.add('attachments', place, `the evidence file of ${ref} is not in the index`);
    let bytes = 0;
    await guarded(
      file,
      problems,
      async () => {
        for await (const chunk of zip.chunks(file)) bytes += chunk.length;
        if (zip.read.get(file) !== sha256)
          problems.add(
            'attachments',
            place,
            `the evidence file of ${ref} was changed: its SHA-256 is ${zip.read.get(file)}`,
          );
        else found += 1;
        const told = listed.get(sha256);
        if (told !== undefined && told.bytes !== bytes)
          problems.add(
            'attachments',
            { file: PACK_FILES.evidenceIndex, line: told.line, ref },
            `the index says ${String(told.bytes).slice(0, 20)} bytes, the file has ${bytes}`,
          );
      },
      ref,
    );
  }
  for (const name of zip.names)
    if (name.startsWith(PACK_FILES.evidence) && name !== PACK_FILES.evidenceIndex)
      if (!records.files.has(name.slice(PACK_FILES.evidence.length)))
        problems.add('attachments', { file: name }, 'no evidence record of the pack names this file');
  return found;
}

async function checkDecisions(
  zip: PackZip,
  gateKey: string,
  records: RecordsChecked,
  problems: Problems,
): Promise<number> {
  let found = 0;
  let key: ReturnType<typeof createPublicKey> | undefined;
  try {
    key = createPublicKey(gateKey);
  } catch {
    problems.add('attachments', { file: PACK_FILES.manifest }, "the gate's key is not a public key in PEM");
  }
  for (const [ref, statement] of records.statements) {
    const file = `${PACK_FILES.decisions}${ref}.dsse.json`;
    await guarded(
      file,
      problems,
      async () => {
        const text = (await zip.bytes(file)).toString('utf8');
        const place = { file, ref };
        if (text !== statement)
          problems.add('attachments', place, `the signed statement is not the one that ${ref} committed to`);
        if (key === undefined) return;
        const verdict = verifyEnvelope(parsed(text), key);
        if (verdict.valid) found += 1;
        else
          problems.add('attachments', place, `the signed statement of ${ref} does not hold: ${verdict.why}`);
      },
      ref,
    );
  }
  for (const name of zip.names)
    if (name.startsWith(PACK_FILES.decisions))
      if (!records.statements.has(name.slice(PACK_FILES.decisions.length).replace(/\.dsse\.json$/, '')))
        problems.add('attachments', { file: name }, 'no gate decision of the pack has this statement');
  return found;
}

async function checkStamps(
  zip: PackZip,
  keys: KeysChecked,
  problems: Problems,
): Promise<AttachmentsChecked['stamps']> {
  const names = [...zip.names].filter((name) => name.startsWith(PACK_FILES.stamps)).sort();
  const chains: string[] = [];
  const bodies = new Set<string>();
  for (const name of names) {
    const body = /^stamps\/([0-9]{1,16})\.(?:body|tsr)$/.exec(name);
    if (body) bodies.add(body[1]!);
    else if (/^stamps\/chain-[0-9]{1,6}\.pem$/.test(name))
      await guarded(name, problems, async () => void chains.push((await zip.bytes(name)).toString('utf8')));
    else problems.add('attachments', { file: name }, 'a pack has no such file');
  }
  const held: AttachmentsChecked['stamps'] = [];
  for (const size of [...bodies].sort((a, b) => Number(a) - Number(b))) {
    const file = `${PACK_FILES.stamps}${size}.tsr`;
    await guarded(file, problems, async () => {
      const body = await zip.bytes(`${PACK_FILES.stamps}${size}.body`);
      const tsr = await zip.bytes(file);
      if (keys.texts.get(Number(size)) !== body.toString('utf8'))
        problems.add(
          'attachments',
          { file: `${PACK_FILES.stamps}${size}.body` },
          `this is not the text of a checkpoint of ${size} entries in this pack`,
        );
      const verdicts = chains.map((chainPem) => verifyStamp({ tsr, body, chainPem }));
      const good = verdicts.find((v) => v.ok);
      if (good?.at)
        held.push({
          size: Number(size),
          at: good.at.toISOString(),
          by: good.by,
          anchor: good.anchor?.sha256,
        });
      else
        problems.add(
          'attachments',
          { file },
          `the time stamp of ${size} entries does not hold: ${verdicts[0]?.problem ?? 'the pack has no certificates for it'}`,
        );
    });
  }
  return held;
}

async function guarded(
  file: string,
  problems: Problems,
  body: () => Promise<void>,
  ref?: string,
): Promise<void> {
  try {
    await body();
  } catch (error) {
    if (!(error instanceof FileFault)) throw error;
    const line = error.line === undefined ? {} : { line: error.line };
    problems.add(
      'attachments',
      { file: error.file || file, ...line, ...(ref ? { ref } : {}) },
      `${ref ? `the file of ${ref}` : 'the file'} ${error.message}`,
    );
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
