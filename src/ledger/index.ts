/**
 * The transparency log: entries, Merkle tree, tiles, signed checkpoints, proofs, disclosures, audit. Pure: no
 * clock, no storage, no network. Formats: C2SP signed-note, tlog-checkpoint, tlog-tiles, tlog-proof; hashing
 * as in RFC 6962.
 */
export { type AuditOptions, type AuditResult, auditLog, LogAuditor } from './audit.ts';
export {
  type Checkpoint,
  formatCheckpoint,
  type OpenedCheckpoint,
  openCheckpoint,
  parseCheckpoint,
  signCheckpoint,
} from './checkpoint.ts';
export type { TrustedKeys } from './checks.ts';
export { commit, GROUPS, type Group, MAX_DEPTH, SALT_BYTES } from './commitment.ts';
export {
  type Cosignature,
  type Cosigner,
  cosignaturesOf,
  cosignedNote,
  cosignerFromKey,
  type WitnessKey,
  witnessFromVkey,
} from './cosignature.ts';
export {
  DISCLOSURE_FORMAT,
  type Disclosure,
  formatDisclosure,
  makeDisclosure,
} from './disclosure.ts';
export {
  type Commitments,
  decodeEntry,
  encodeEntry,
  entryDigest,
  type LedgerEntry,
  type LogEntry,
  openGroup,
  type RecordAct,
  type RecordEntry,
} from './entry.ts';
export { ERASURE_BASES, KEY_LOST, RECORD_ACTS, ROWS_ENTERED } from './entry-shape.ts';
export { type ChainedKey, KeyChain, type KeyVerdict, type RebuiltRoot } from './key-chain.ts';
export {
  keyFromSkey,
  keyIdHex,
  type Signer,
  signerFromKey,
  signerFromSkey,
  skeyFromKey,
  type Verifier,
  verifierFromVkey,
  vkeyFromKey,
} from './keys.ts';
export { meetsPolicy, type PolicyCosignature, type PolicyVerdict } from './meets-policy.ts';
export {
  emptyRoot,
  GrowingRoot,
  HASH_BYTES,
  leafHash,
  nodeHash,
  verifyConsistency,
  verifyInclusion,
} from './merkle.ts';
export {
  type NoteSignature,
  openNote,
  type ParsedNote,
  parseNote,
  type RemoteSigner,
  signersOf,
  signNote,
  signNoteRemotely,
  type VerifiedNote,
} from './note.ts';
export {
  formatPolicy,
  type LogPolicy,
  type PolicyGroup,
  type PolicyLog,
  type PolicyWitness,
  parsePolicy,
} from './policy.ts';
export { formatProof, parseProof, type TlogProof, verifyProof } from './proof.ts';
export {
  formatLatest,
  LATEST_FORMAT,
  type LatestFile,
  type LatestProof,
  type LatestRow,
  latestProof,
  makeLatest,
  snapshotRoot,
} from './snapshot.ts';
export { rowBytes, type SnapshotPlace, type SnapshotRow, SnapshotTree } from './snapshot-tree.ts';
export {
  bundlePath,
  decodeBundle,
  encodeBundle,
  MAX_ENTRY_BYTES,
  parseTilePath,
  TILE_WIDTH,
  type TilePlace,
  type TileResource,
  tilePath,
  tileWidth,
} from './tiles.ts';
export {
  type Appended,
  appendLeaves,
  consistencyProof,
  edgeTiles,
  type GrownTile,
  inclusionProof,
  rootFromTiles,
  type TileStore,
  tilesForConsistency,
  tilesForInclusion,
} from './tree.ts';
export { type DisclosureCheck, type DisclosureVerdict, verifyDisclosure } from './verify-disclosure.ts';
export { type LatestVerdict, verifyLatest } from './verify-latest.ts';
export {
  type AddCheckpoint,
  formatAddCheckpoint,
  type Judgement,
  judge,
  type KnownLog,
  MAX_PROOF_HASHES,
  type ParsedAddCheckpoint,
  parseAddCheckpoint,
  SIZE_TYPE,
} from './witness-protocol.ts';
