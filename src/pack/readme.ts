import type { PackManifest } from './format.ts';

/** What the README has to know beside the manifest. */
export interface ReadmeFacts {
  manifest: Omit<PackManifest, 'files'>;
  /** False: `verify.html` was not built where the pack was made. */
  html: boolean;
  stamps: boolean;
}

/** `README.md` of a pack: how to check it with tools that are not ours. */
export function packReadme({ manifest: m, html, stamps }: ReadmeFacts): string {
  const what =
    m.system === null
      ? 'Every record of the organisation'
      : `The records around the AI system ${m.system}: what it links to and what links to it, with all their versions`;
  const when =
    m.asOf === null
      ? 'as it was when the pack was made'
      : `as it was on ${m.asOf.at} (${m.asOf.size} log entries${m.asOf.log === undefined ? '' : ` of log ${m.asOf.log}`})`;
  return `# Audit pack of ${oneLine(m.name)}

${what}, ${when}. Made ${m.madeAt}.

Log: \`${m.origin}\`, ${m.size} entries, root \`${m.root}\`.
${goesOn(m)}
Nothing in this pack has to be believed. Every version of every record is committed to by an entry of the log; the root over all entries
is signed. Take the log's key from somewhere else than this pack (from the organisation, from an earlier audit, from a colleague), write
it to a file \`kept.vkey\`, and use that one below. With the key in \`log/vkey\` you only learn that the pack agrees with itself.

## The quick ways

| With | Do |
| --- | --- |
${html ? '| A browser, offline | open `verify.html`, paste the key, choose this ZIP |\n' : ''}| The program it came from | \`aims verify pack.zip --vkey kept.vkey\` |
| Python | \`verifiers/audit.py\`, see \`verifiers/README.md\` |
| Go | \`verifiers/audit.go\`, see \`verifiers/README.md\` |
${html ? '' : '\n`verify.html` is not in this pack: it was not built where the pack was made.\n'}
The copies in \`verifiers/\` came with the pack; the project publishes their SHA-256 (\`docs/reference/verifiers.md\`). Exit code 0: everything holds. 1: something does not, and what is named. 2: the file is no pack or cannot be read. The programs for Python and Go
were written apart from the system that made this pack; \`folder\` is where you unpacked it:

\`\`\`sh
python3 folder/verifiers/audit.py --vkey kept.vkey folder/log
cd folder/verifiers && GO111MODULE=off GOPATH=/usr/share/gocode GOPROXY=off go build -o /tmp/audit audit.go
/tmp/audit -vkey kept.vkey folder/log
\`\`\`

## With openssl and nothing else

In the unpacked folder. The signature of the checkpoint (Ed25519, format c2sp.org/signed-note):

\`\`\`sh
sed '/^$/,$d' log/checkpoint > note
grep '^— ' log/checkpoint | head -n 1 | cut -d ' ' -f 3 | openssl base64 -d -A | tail -c +5 > note.sig
{ printf '\\060\\052\\060\\005\\006\\003\\053\\145\\160\\003\\041\\000'
  cut -d + -f 3- kept.vkey | openssl base64 -d -A | tail -c 32; } > key.der
openssl pkeyutl -verify -pubin -keyform DER -inkey key.der -rawin -in note -sigfile note.sig
\`\`\`

It answers \`Signature Verified Successfully\`. When the key has changed, the checkpoint has a line for each; \`tail -n +2 | head -n 1\`
takes the second. The file \`note\` now holds origin, size and root of the log.

An evidence file is called by its SHA-256, which the record in \`records/evidence.jsonl\` names:

\`\`\`sh
cd evidence && for f in *; do [ "$f" = index.jsonl ] || echo "$f  $f"; done | sha256sum --check
\`\`\`

A decision of the release gate (DSSE, ECDSA P-256); \`gate.pem\` is the gate's key, as \`gateKey\` in \`pack.json\` and better from
somewhere else:

\`\`\`sh
type=application/vnd.in-toto+json
sed 's/.*"payload":"\\([^"]*\\)".*/\\1/' decisions/GAT-0001.dsse.json | openssl base64 -d -A > payload
sed 's/.*"sig":"\\([^"]*\\)".*/\\1/' decisions/GAT-0001.dsse.json | openssl base64 -d -A > sig
printf 'DSSEv1 %d %s %d ' \${#type} "$type" $(wc -c < payload) | cat - payload > pae
openssl dgst -sha256 -verify gate.pem -signature sig pae
\`\`\`

${stampText(stamps)}
## What is inside

| | |
| --- | --- |
| \`pack.json\` | what the pack is, and the SHA-256 of every other file |
| \`log/checkpoint\`, \`log/vkey\`, \`log/policy\` | the signed head, the newest key, who may cosign |
| \`log/tile/entries/…\`, \`log/tile/0/…\` | every entry of the log, and the hashes of its tree (c2sp.org/tlog-tiles) |
| \`log/checkpoints.jsonl\`, \`log/as-of\` | earlier signed heads; the one over the state that is shown, when the log goes on after it |
| \`log/former/…\` | logs that this one continues |
| \`records/….jsonl\` | one line a record: its row, and every version with proof, content and salts |
| \`evidence/\`, \`decisions/\`, \`stamps/\` | files, signed decisions, time stamps |
| \`documents/….csv\` | the records for people to read; nothing signs these files, a verifier compares them with the lines in \`records/\` |

An entry is \`SHA-256\`-hashed with a zero byte before it; inner nodes with a one byte (RFC 6962). A part of a version is committed to as
\`HMAC-SHA256(salt, "aims-commit/v1" LF group LF json)\` over the bytes of \`json\` as they stand in the line. A part that was erased is
named in \`erased\`, and an entry of the log about \`erasure\` names the entry and the group: the rest still holds.

A sound pack says what was entered and when it was signed at the latest. It does not say that what was entered is true.
`;
}

/** Why there are entries after the state. */
const goesOn = ({ asOf, log }: ReadmeFacts['manifest']): string =>
  asOf?.log === undefined
    ? ''
    : `
The log goes on after that state${asOf.log === log ? '' : ` and is continued by log ${log}`}: parts of it were erased since, and the entries that say so
come later. No record shows a version of after that state. \`log/as-of\` is the checkpoint that was signed over it; compare it with the one
that you kept.
`;

const stampText = (stamps: boolean): string =>
  stamps
    ? `A time stamp (RFC 3161) over the text of a checkpoint; \`size\` is one of those in \`stamps/\`:

\`\`\`sh
openssl ts -verify -data stamps/size.body -in stamps/size.tsr -CAfile stamps/chain-1.pem -untrusted stamps/chain-1.pem
\`\`\`

The certificates in \`stamps/\` came with the pack; compare the root among them with the one the authority publishes.
`
    : 'There are no time stamps in this pack.\n';

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').slice(0, 200);
