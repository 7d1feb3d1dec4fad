import type { Command } from 'commander';
import { member } from '../../base/member.ts';
import { OPENSSL_CHECK } from '../../gate/attestation.ts';
import {
  DISCLOSURE_FORMAT,
  type DisclosureVerdict,
  LATEST_FORMAT,
  type LatestVerdict,
  verifyDisclosure,
  verifyLatest,
} from '../../ledger/index.ts';
import { type Context, withConnection } from '../context.ts';
import { readGiven } from '../files.ts';
import { CliError, shown } from '../terminal.ts';
import {
  type AttestationVerdict,
  type Check,
  statementLines,
  verifyAttestation,
} from './attestation-check.ts';
import { addProofAction } from './history.ts';
import { checkPack, isPack, showPack } from './pack-check.ts';

/** What every verification comes to. */
type Verification = AttestationVerdict | DisclosureResult;

interface DisclosureResult {
  ok: boolean;
  kind: 'disclosure' | 'latest';
  checks: Check[];
  /** Where the key came from; `file` proves only that the file agrees with itself. */
  keyFrom: 'caller' | 'file';
  /** The log entry; believe it only when `ok`. */
  content?: unknown;
}

interface VerifyOptions {
  vkey?: string;
  gateKey?: string;
  requirePassed?: true;
  subject?: string;
  policy?: string;
  older?: string[];
  json?: true;
}

/** `aims proof REF` and `aims verify FILE`. */
export function addVerifyCommands(context: Context, program: Command): void {
  const proof = program
    .command('proof')
    .helpGroup('Proofs and log:')
    .summary('Get the proof of a record version')
    .description('The proof that a version of a record was entered in the log, for: aims verify')
    .argument('<ref>', 'number of any record, such as RSK-0001');
  withConnection(proof);
  addProofAction(context, proof, (ref) => {
    const register = context.registry.ofRef(ref);
    if (register) return register;
    const known = context.registry.all.map((r) => r.prefix).join(', ');
    throw new CliError(
      `${shown(ref)} is not the number of a record: expected one such as RSK-0001, beginning with ${known}.`,
    );
  });
  program
    .command('verify')
    .helpGroup('Proofs and log:')
    .summary('Verify an audit pack, a proof or a signed statement, offline')
    .description(
      'Verify an audit pack, a proof file or a signed statement of the release gate. Needs no server and no network. Exit code: 0 verified, 1 not verified, 2 cannot be read.',
    )
    .argument('<file>', 'file to verify, "-" for standard input')
    .option(
      '--vkey <key>',
      "the log's public key, or a file that holds it; got from somewhere else than the file",
    )
    .option('--gate-key <file>', "the gate's public key (PEM); needed for signed statements")
    .option('--policy <file>', 'audit packs: which witnesses must have cosigned (C2SP tlog-policy)')
    .option(
      '--older <file>',
      'audit packs: a checkpoint kept from before, which the log must continue; may be given again',
      (file: string, before: string[] = []) => [...before, file],
    )
    .option('--require-passed', 'signed statements: not verified unless the gate allowed the release')
    .option('--subject <digest>', 'signed statements: not verified unless about this digest (sha256:…)')
    .option('--json', 'the result as JSON')
    .addHelpText(
      'after',
      `\nA signed statement can be checked with OpenSSL alone:\n\n${OPENSSL_CHECK.replace(/^/gm, '  ')}`,
    )
    .action(async (file: string, o: VerifyOptions) => {
      if (await isPack(context, file)) return verifyPackFile(context, file, o);
      const result = await verifyFile(context, file, o);
      if (!result.ok) context.negative();
      if (o.json) context.terminal.json(result);
      else showVerification(context, file, result);
    });
}

async function verifyPackFile(context: Context, file: string, o: VerifyOptions): Promise<void> {
  if (o.requirePassed || o.subject !== undefined)
    throw new CliError(`${file} is an audit pack; --require-passed and --subject are for signed statements.`);
  const result = await checkPack(context, file, {
    vkey: o.vkey === undefined ? undefined : await vkeyOf(context, o.vkey),
    gateKey: o.gateKey === undefined ? undefined : await textOf(context, o.gateKey),
    policy: o.policy === undefined ? undefined : await textOf(context, o.policy),
    older: await Promise.all(
      (o.older ?? []).map(async (name) => ({ name, note: await textOf(context, name) })),
    ),
  });
  if (!result.ok) context.negative();
  if (o.json) context.terminal.json(result);
  else showPack(context, file, result);
}

const textOf = async (context: Context, file: string): Promise<string> =>
  (await readGiven(context.io, file)).bytes.toString('utf8');

async function verifyFile(context: Context, file: string, o: VerifyOptions): Promise<Verification> {
  const text = (await readGiven(context.io, file)).bytes.toString('utf8');
  const kind = kindOfFile(file, text);
  if (o.policy !== undefined) throw new CliError(`${file} is no audit pack; --policy is for audit packs.`);
  if (o.older !== undefined)
    throw new CliError(
      `${file} is no audit pack; --older is for audit packs. For a downloaded log: verifiers/audit.py --older.`,
    );
  if (kind !== 'attestation') {
    if (o.requirePassed || o.subject !== undefined || o.gateKey !== undefined) {
      throw new CliError(
        `${file} is a proof; --gate-key, --require-passed and --subject are for signed statements.`,
      );
    }
    const vkey = o.vkey === undefined ? undefined : await vkeyOf(context, o.vkey);
    return kind === 'latest'
      ? fromChecks('latest', verifyLatest(text, vkey))
      : fromChecks('disclosure', verifyDisclosure(text, vkey));
  }
  if (o.gateKey === undefined) {
    throw new CliError(`${file} is a signed statement; give the gate's public key with --gate-key FILE.`);
  }
  const pem = (await readGiven(context.io, o.gateKey)).bytes.toString('utf8');
  return verifyAttestation(text, pem, { passed: o.requirePassed, subject: o.subject });
}

/** Which kind of file it claims to be. Only the verification itself says whether it is one. */
function kindOfFile(file: string, text: string): 'disclosure' | 'latest' | 'attestation' {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw new CliError(
      `${file} is neither a ZIP nor JSON: expected an audit pack, a proof (${DISCLOSURE_FORMAT}) or a signed statement (DSSE).`,
    );
  }
  const format = member(data, 'format');
  if (typeof format === 'string' && format.startsWith('openaims.disclosure/')) return 'disclosure';
  if (format === LATEST_FORMAT) return 'latest';
  if (member(data, 'payload') !== undefined && member(data, 'payloadType') !== undefined)
    return 'attestation';
  throw new CliError(`${file} is neither a proof (${DISCLOSURE_FORMAT}) nor a signed statement (DSSE).`);
}

/** The key itself when it is written as one, otherwise the file of that name. */
async function vkeyOf(context: Context, text: string): Promise<string> {
  if (/^\S+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]+$/.test(text)) return text;
  return (await readGiven(context.io, text)).bytes.toString('utf8').trim();
}

function fromChecks(kind: DisclosureResult['kind'], v: DisclosureVerdict | LatestVerdict): DisclosureResult {
  return { ok: v.ok, kind, checks: v.checks, keyFrom: v.keyFrom, content: v.entry };
}

function showVerification(context: Context, file: string, v: Verification): void {
  const t = context.terminal;
  const c = t.colour;
  for (const check of v.checks) {
    t.line(
      `  ${check.ok ? c.green('holds ') : c.red('FAILED')} ${shown(check.name)}: ${shown(check.detail)}`,
    );
  }
  if (v.kind === 'attestation' && v.content && v.checks.some((x) => x.name === 'signature' && x.ok)) {
    for (const line of statementLines(v.content)) t.line(`  ${shown(line)}`);
  }
  const failed = v.checks.filter((x) => !x.ok).map((x) => shown(x.name));
  if (!v.ok) t.line(c.red(`Not verified: ${shown(file)} (failed: ${failed.join(', ')})`));
  else if (v.keyFrom === 'caller') t.line(c.green(`Verified: ${shown(file)}`));
  else {
    t.line(c.yellow(`Agrees with itself: ${shown(file)}`));
    t.note(
      "No key was given, so anybody could have made this file. Verify again with the log's key: --vkey KEY",
    );
  }
}
