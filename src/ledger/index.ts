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
export { commit, GROUPS, type Group, MAX_DEPTH, SALT_BYTES } from './commitment.ts';
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
export { RECORD_ACTS } from './entry-shape.ts';
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
  signNote,
  type VerifiedNote,
} from './note.ts';
export { formatProof, parseProof, type TlogProof, verifyProof } from './proof.ts';
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
