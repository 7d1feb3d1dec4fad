/**
 * Audit packs: one ZIP with records, log, evidence and stamps that anyone verifies offline. Pure but for the file that is read.
 */

export type { KeptCheckpoint } from './check-older.ts';
export type { RegisterKnowledge } from './check-records.ts';
export * from './format.ts';
export { type PackProblem, type Place, STEPS, type Step } from './problems.ts';
export { packReadme } from './readme.ts';
export { TreeHashes } from './tree-hashes.ts';
export { looksLikeZip, type PackFacts, type PackVerdict, type VerifyOptions, verifyPack } from './verify.ts';
export { type PackSink, PackWriter } from './write.ts';
