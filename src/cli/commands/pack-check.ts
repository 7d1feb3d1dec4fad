import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Failure } from '../../base/failure.ts';
import {
  looksLikeZip,
  type PackVerdict,
  type Place,
  type Step,
  type VerifyOptions,
  verifyPack,
} from '../../pack/index.ts';
import { derive } from '../../register/values.ts';
import type { Context } from '../context.ts';
import { forgetHint, readSeen, rememberHead } from '../seen-heads.ts';
import { CliError, EXIT, shown } from '../terminal.ts';

/** What each step of the verification is called. */
const NAMES: Record<Step, string> = {
  files: 'files are those pack.json names',
  checkpoint: 'checkpoints are signed',
  log: 'entries give the signed root',
  histories: 'versions follow one another',
  versions: 'records are what was entered',
  completeness: 'nothing is left out',
  present: 'rows say what the newest versions say',
  attachments: 'evidence, decisions and time stamps hold',
};

/** What `aims verify` says of a pack. */
export type CheckedPack = PackVerdict & {
  kind: 'pack';
  /** True when its head is kept for the next time. */
  remembered: boolean;
};

/** True when the file of that name begins as a ZIP does: then it is taken for an audit pack. */
export async function isPack(context: Context, file: string): Promise<boolean> {
  if (file === '-') return false;
  try {
    const handle = await open(resolve(context.io.cwd, file), 'r');
    try {
      const start = Buffer.alloc(4);
      await handle.read(start, 0, 4, 0);
      return looksLikeZip(start);
    } finally {
      await handle.close();
    }
  } catch {
    // Whoever reads it as a whole next says why it cannot be read.
    return false;
  }
}

/** Verifies an audit pack. A file that is none, or a ZIP that is not safe to read, is an error (exit 2). */
export async function checkPack(
  context: Context,
  file: string,
  o: Pick<VerifyOptions, 'vkey' | 'gateKey' | 'policy' | 'older'>,
): Promise<CheckedPack> {
  const registers = {
    prefix: (name: string) => context.registry.find(name)?.prefix,
    derive: (name: string, values: Record<string, unknown>) => {
      const register = context.registry.find(name);
      return register && derive(register, values);
    },
  };
  try {
    const seen = [...(await readSeen(context.io)).values()].flat();
    const verdict = await verifyPack(resolve(context.io.cwd, file), { ...o, seen, registers });
    // What holds by the pack's own key is nobody's word yet.
    const known = verdict.ok && verdict.facts.keyFrom === 'caller';
    const remembered = known && (await rememberHead(context.io, verdict.facts.checkpoint));
    return { kind: 'pack', remembered, ...verdict };
  } catch (error) {
    if (error instanceof Failure) throw new CliError(`${file}: ${error.message}.`, EXIT.error);
    throw error;
  }
}

/** Each step, each problem on a line that names the place, and the verdict. */
export function showPack(context: Context, file: string, v: CheckedPack): void {
  const t = context.terminal;
  const c = t.colour;
  const f = v.facts;
  for (const step of v.steps) {
    t.line(
      `  ${step.ok ? c.green('holds ') : c.red('FAILED')} ${NAMES[step.step]}${step.ok ? '' : ` (${step.problems})`}`,
    );
    for (const p of v.problems.filter((x) => x.step === step.step))
      t.line(`         ${shown(placeOf(p))}: ${shown(withoutPlace(p))}`);
  }
  if (v.total > v.problems.length) t.line(`  ${v.total - v.problems.length} more problems are not shown.`);
  const what = f.system === null ? '' : ` around ${f.system}`;
  t.line(
    `  ${shown(f.name)} (${shown(f.origin)}), ${f.size} log entries${asOfText(f)}: ` +
      `${f.records} records${shown(what)} in ${f.versions} versions, ${f.evidence} evidence files, ${f.decisions} signed decisions.`,
  );
  for (const { log, entries, pinned } of f.lost)
    t.line(
      c.yellow(
        `  Of log ${log} the last ${entries} entries are lost: they were signed and are not in the pack.${pinned ? '' : ` Log ${log + 1} was begun by 0.1.0 and does not say what is left of log ${log}: nothing that was signed since vouches for its entries about erasures and keys. Compare a checkpoint of it that somebody kept (--older).`}`,
      ),
    );
  for (const { log, waited, since } of f.keyLost)
    t.line(
      c.yellow(
        shown(
          `  Log ${log} ended because its key was lost: log ${log + 1} goes on after the last head that it signed.${waited > 0 ? ` ${waited} of its entries had waited, the oldest since ${since}: under no signature until it was begun.` : ''}`,
        ),
      ),
    );
  if (f.erasedParts > 0) t.line(`  ${f.erasedParts} parts were erased, as the log says.`);
  if (f.notCompared > 0)
    t.line(
      `  ${f.notCompared} records were being changed when the pack was made; their rows were not compared.`,
    );
  if (f.late.count > 0) {
    t.line(
      c.yellow(
        `  ${f.late.count} versions carry a time after that of their entry, by 10 s at most: a known fault of bulk changes, hand-overs and departures in 0.1.0. The entry's time is the signed one:`,
      ),
    );
    for (const l of f.late.rows)
      t.line(`         ${shown(placeOf(l))}: signed ${shown(l.at)}, the row is ${l.ms} ms later`);
    if (f.late.count > f.late.rows.length) t.line(`         and ${f.late.count - f.late.rows.length} more`);
  }
  for (const w of f.cosignedBy) t.line(`  Cosigned by ${shown(w.name)} at ${shown(w.at)}.`);
  if (f.cosignedBy.length === 0)
    t.line('  No witness cosigned: whoever operates the log could have shown others another one.');
  for (const k of f.older)
    t.line(
      k.left === undefined
        ? `  Continues the ${k.size} entries of ${shown(k.name)}: the log was only added to since.`
        : c.yellow(
            `  ${shown(k.name)} is the head of ${k.size} entries that the next log names; the pack has ${k.left} of that log, and nothing shows that they are its first.`,
          ),
    );
  showSeen(context, v);
  for (const s of f.stamps)
    t.line(
      `  Stamped at ${s.at} by ${shown(s.by ?? 'an authority')}: the first ${s.size} entries existed then.`,
    );
  const problems = `${v.total} ${v.total === 1 ? 'problem' : 'problems'}`;
  if (!v.ok) t.line(c.red(`Not verified: ${shown(file)} (${problems})`));
  else if (f.keyFrom === 'caller') t.line(c.green(`Verified: ${shown(file)}`));
  else {
    t.line(c.yellow(`Agrees with itself: ${shown(file)}`));
    t.note(
      "No key was given, so anybody could have made this pack. Verify again with the log's key: --vkey KEY",
    );
  }
}

/** What this computer saw of the log before, and keeps for the next time. */
function showSeen(
  { terminal: t }: Context,
  { facts: { seen, origin, size }, remembered, problems }: CheckedPack,
) {
  if (seen.compared > 0)
    t.line(
      `  Continues ${seen.compared === 1 ? 'the head' : `${seen.compared} heads`} that this computer saw before.`,
    );
  if (seen.ahead !== undefined)
    t.line(
      t.colour.yellow(
        `  This computer saw ${seen.ahead} entries of the log before, the pack ends at ${size}: it was made earlier, or the log went back.`,
      ),
    );
  if (remembered && seen.compared === 0 && seen.ahead === undefined)
    t.line('  Its head is remembered: the next pack or download of this log is compared with it.');
  if (problems.some((p) => p.message.startsWith('this computer saw'))) t.note(shown(forgetHint(origin)));
}

/** The place stands before the message, which names the version too: it is read alone elsewhere. */
const withoutPlace = ({ ref, version, message }: PackVerdict['problems'][number]): string => {
  const said = `${ref} version ${version}: `;
  return message.startsWith(said) ? message.slice(said.length) : message;
};

/** Which state is shown; entries after it are there only because they say what was erased since. */
function asOfText({ asOf, log, size }: PackVerdict['facts']): string {
  if (asOf === null) return '';
  const text = ` as of ${shown(asOf.at)}`;
  if (asOf.log === undefined) return text;
  if (asOf.log === log)
    return `${text} (${asOf.size} entries; the other ${size - asOf.size} say what was erased since)`;
  return `${text} (${asOf.size} entries of log ${asOf.log}; those after them say what was erased since)`;
}

/** `records/risk.jsonl line 3, entry 17, RSK-0003 version 2`. */
function placeOf(p: Place): string {
  const parts = [
    p.file === undefined ? undefined : `${p.file}${p.line === undefined ? '' : ` line ${p.line}`}`,
    p.entry === undefined ? undefined : `entry ${p.entry}${p.log === undefined ? '' : ` of log ${p.log}`}`,
    p.ref === undefined ? undefined : `${p.ref}${p.version === undefined ? '' : ` version ${p.version}`}`,
  ];
  return parts.filter((x) => x !== undefined).join(', ') || 'the pack';
}
