import { Failure } from '../base/failure.ts';
import { type OpenedCheckpoint, openCheckpoint, parseCheckpoint } from './checkpoint.ts';
import { cosignaturesOf, witnessFromVkey } from './cosignature.ts';
import { type Verifier, verifierFromVkey } from './keys.ts';
import { parseNote } from './note.ts';
import type { LogPolicy, PolicyWitness } from './policy.ts';

/** A witness of the policy who cosigned; `name` is what the policy calls it. */
export interface PolicyCosignature {
  name: string;
  vkey: string;
  /** Unix seconds, by the clock of the witness. */
  at: number;
}

/** Whether a checkpoint is to be believed. */
export interface PolicyVerdict {
  ok: boolean;
  /** The checkpoint, once the signature of a log of the policy holds; believe it only when `ok`. */
  log?: OpenedCheckpoint;
  /** Witnesses of the policy who cosigned, in the order of the policy. */
  cosignedBy: PolicyCosignature[];
  /** Why not, when not `ok`. */
  problem?: string;
}

/**
 * Whether a signed checkpoint meets a policy: signed by one of its logs (the origin is the name of the key), and
 * cosigned by its quorum. A signature of a known log or witness that does not hold refuses the checkpoint, even
 * when enough others hold. `known` are vkeys of logs the caller trusts besides, for a policy that lists none.
 *
 * Never throws for what the note holds; that is the verdict. Fails INVALID on a policy or `known` key that is broken.
 */
export function meetsPolicy(note: string, policy: LogPolicy, known: readonly string[] = []): PolicyVerdict {
  const keys = [...policy.logs.map((log) => log.vkey), ...known].map(verifierFromVkey);
  const witnesses = policy.witnesses.map((w) => ({ ...w, key: witnessFromVkey(w.vkey) }));
  let log: OpenedCheckpoint | undefined;
  try {
    log = openByAny(note, keys);
    const found = cosignaturesOf(
      note,
      witnesses.map((w) => w.key),
    );
    const cosignedBy = witnesses.flatMap(({ name, vkey, key }) => {
      const line = found.find((c) => c.name === key.name && c.keyId === key.keyId);
      return line === undefined ? [] : [{ name, vkey, at: line.at }];
    });
    const problem = quorumProblem(policy, cosignedBy);
    return problem === undefined ? { ok: true, log, cosignedBy } : { ok: false, log, cosignedBy, problem };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const verdict = { ok: false, cosignedBy: [], problem: error.message };
    return log === undefined ? verdict : { ...verdict, log };
  }
}

function openByAny(note: string, keys: readonly Verifier[]): OpenedCheckpoint {
  const { origin } = parseCheckpoint(parseNote(note).text);
  const own = keys.filter((key) => key.name === origin);
  if (own.length === 0) throw bad(`the policy knows no log "${origin.slice(0, 200)}"`);
  return openCheckpoint(note, own, origin);
}

function quorumProblem(policy: LogPolicy, cosignedBy: readonly PolicyCosignature[]): string | undefined {
  if (policy.quorum === 'none') return undefined;
  const holds = new Set(cosignedBy.map((c) => c.name));
  // In the order of the file: the groups a group counts have been decided before it.
  for (const { name, threshold, members } of policy.groups) {
    if (members.filter((member) => holds.has(member)).length >= threshold) holds.add(name);
  }
  if (holds.has(policy.quorum)) return undefined;
  const who = cosignedBy.map((c) => `"${c.name}"`).join(', ') || 'no witness of the policy';
  return `the quorum "${policy.quorum}" is not met: cosigned by ${who}${demand(policy)}`;
}

/** What the quorum asks for, in words. */
function demand({ quorum, groups, witnesses }: LogPolicy): string {
  const group = groups.find((g) => g.name === quorum);
  if (group !== undefined) {
    const shown = group.members.slice(0, 10).join(', ');
    return `; it needs ${group.threshold} of ${group.members.length} (${shown})`;
  }
  const witness: PolicyWitness | undefined = witnesses.find((w) => w.name === quorum);
  return witness === undefined ? '' : '; it needs that one witness';
}

function bad(message: string): Failure {
  return new Failure('INVALID', message);
}
