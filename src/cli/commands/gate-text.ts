import type { Decided } from '../../answers/gate.ts';
import type { GateCheck, GateResult } from '../../gate/result.ts';
import { shown, type Terminal } from '../terminal.ts';

/** The answer with the recorded decision; a preview has the result alone. */
export type GateAnswer = Pick<Decided, 'result'> & Partial<Decided>;

const MEANING = {
  refuse: 'REFUSE: something is known to be wrong.',
  insufficient: 'INSUFFICIENT: something needed is not known. This blocks as a refusal does.',
} as const;

/** An allowance says by which way: one person in an emergency is not every requirement. */
const ALLOWED = {
  approvals: 'ALLOW: every requirement for this risk class is met.',
  envelope: 'ALLOW: inside an approved envelope, and every other requirement for this risk class is met.',
  emergency: 'ALLOW, FOR 72 HOURS: one person decided in an emergency; nothing else was asked.',
  useClearance: 'ALLOW: this use of what a vendor runs is cleared.',
} as const;

/** What the text needs to know beside the answer. */
export interface GateTextOptions {
  /** Address and organisation, for the places of the public keys. */
  url: string;
  org: string;
  /** The files are saved already: no need to tell how to get them. */
  saved: boolean;
  /** The command that carries out an action on a record, when there is one. */
  commandFor(ref: string, action: string): string | undefined;
}

/** A gate decision in words: verdict, every check, what to do next and who, what was not checked, the log entry. */
export function gateText(t: Terminal, a: GateAnswer, o: GateTextOptions): string {
  const { result: r } = a;
  const c = t.colour;
  const paint = r.verdict === 'allow' ? c.green : c.red;
  return [
    c.bold(paint(r.verdict === 'allow' ? (ALLOWED[r.basis] ?? ALLOWED.approvals) : MEANING[r.verdict])),
    shown(`${r.release} ${r.title} of ${r.system.ref} ${r.system.title}`),
    shown(
      `Risk class ${r.riskClass}, policy ${r.policy.ref} version ${r.policy.version}, judged ${r.evaluatedAt}`,
    ),
    shown(`Release digest ${r.subject}`),
    ...inUseLines(r),
    '',
    ...r.checks.flatMap((check) => checkLines(t, check, o)),
    ...notCheckedLines(r),
    '',
    ...logLines(a, o),
  ].join('\n');
}

/** Whether it is in use already, and should not be. */
function inUseLines({ inUse }: GateResult): string[] {
  if (!inUse) return [];
  const by = `In use for ${inUse.system} by ${inUse.allowance}`;
  return [
    shown(
      inUse.verdict === 'allow'
        ? `${by}: what let it through still holds.`
        : `${by}, and the gate would not let it through now: put it right, roll it back, or ship what replaces it.`,
    ),
  ];
}

function checkLines(t: Terminal, check: GateCheck, o: GateTextOptions): string[] {
  const c = t.colour;
  const word = {
    passed: c.green('passed '),
    failed: c.red('FAILED '),
    missing: c.red('MISSING'),
    notApplicable: c.dim('n/a    '),
  }[check.status];
  const reasons = check.reasons.map((x) => {
    const unnamed = x.records.filter((ref) => !x.text.includes(ref));
    return `          ${shown(`${x.text}${unnamed.length > 0 ? ` (${unnamed.join(', ')})` : ''}`)}`;
  });
  const next = check.next.flatMap((n) => {
    const command = n.ref && n.action ? o.commandFor(n.ref, n.action) : undefined;
    const line = `          ${c.bold('next:')} ${shown(`${n.text}${n.who ? ` (${n.who})` : ''}`)}`;
    return command === undefined ? [line] : [line, `                ${shown(command)}`];
  });
  return [`  ${word} ${shown(check.title)}`, ...reasons, ...next];
}

function notCheckedLines(r: GateResult): string[] {
  if (r.notChecked.length === 0) return [];
  return ['', 'Not checked by this gate:', ...r.notChecked.map((n) => shown(`  ${n.title}: ${n.why}`))];
}

function logLines(a: GateAnswer, o: GateTextOptions): string[] {
  if (!a.decision || !a.log)
    return ['Preview: nothing was recorded. Without --preview the decision is recorded and signed.'];
  const { origin, index, size, root } = a.log;
  const ref = a.decision.ref;
  const recorded = `Recorded as ${ref}, entry ${index} of the log ${origin} (${size} entries, root ${root}).`;
  const how = [
    `Verify it without trusting this server: aims proof ${ref} -o ${ref}.json, then aims verify ${ref}.json --vkey KEY.`,
    `The log's key: ${o.url}/log/${o.org}/vkey. The signed statement comes with: aims gate ${a.result.release} --save FOLDER`,
  ];
  return [recorded, ...(o.saved ? [] : how)].map(shown);
}
