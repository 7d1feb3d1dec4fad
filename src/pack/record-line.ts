import { GROUPS } from '../ledger/commitment.ts';
import { isSize } from '../ledger/merkle.ts';
import type { PackRecord, PackVersion } from './format.ts';
import { hasExactly, isObject } from './json-line.ts';

const isText = (v: unknown): v is string => typeof v === 'string';
const RECORD = ['ref', 'id', 'register', 'number', 'present', 'versions'];
const PRESENT = ['version', 'state', 'title', 'values', 'derived', 'links'];
const VERSION = [
  'version',
  'log',
  'index',
  'at',
  'act',
  'transition',
  'state',
  'actor',
  'digest',
  'proof',
  'parts',
  'erased',
];
const isGroup = (v: unknown): boolean => GROUPS.some((group) => group === v);

/** A line of a records file in its shape, or what is wrong with it. */
export function recordOf(value: unknown): { record?: PackRecord; problem?: string } {
  if (!isObject(value) || !hasExactly(value, RECORD))
    return { problem: `a record line holds ${RECORD.join(', ')}` };
  if (!isText(value.ref) || !isText(value.id) || !isText(value.register) || !isSize(value.number))
    return { problem: 'ref, id and register of a record are texts, its number is a whole number' };
  const { present } = value;
  if (present !== null && !isPresent(present))
    return { problem: `"present" of a record holds ${PRESENT.join(', ')}, or is null` };
  if (!Array.isArray(value.versions) || value.versions.length === 0)
    return { problem: '"versions" of a record lists at least one version' };
  for (const version of value.versions) {
    const problem = versionProblem(version);
    if (problem) return { problem };
  }
  return { record: value as unknown as PackRecord };
}

function isPresent(v: unknown): boolean {
  return (
    isObject(v) &&
    hasExactly(v, PRESENT) &&
    isText(v.state) &&
    isText(v.title) &&
    isObject(v.values) &&
    isObject(v.derived) &&
    isObject(v.links)
  );
}

function versionProblem(v: unknown): string | undefined {
  if (!isObject(v) || !hasExactly(v, VERSION)) return `a version holds ${VERSION.join(', ')}`;
  const which = `version ${String(v.version).slice(0, 20)}`;
  const texts = [v.at, v.act, v.state, v.actor, v.digest];
  if (!texts.every(isText) || !(v.transition === null || isText(v.transition)))
    return `at, act, transition, state, actor and digest of ${which} are texts`;
  if (!Array.isArray(v.proof) || !v.proof.every(isText) || v.proof.length > 53)
    return `"proof" of ${which} lists at most 53 hashes`;
  if (!Array.isArray(v.erased) || !v.erased.every(isGroup)) return `"erased" of ${which} lists groups`;
  if (!isObject(v.parts) || !Object.entries(v.parts).every(([group, part]) => isGroup(group) && isPart(part)))
    return `"parts" of ${which} holds groups, each with salt (64 hex digits) and json`;
  return undefined;
}

const isPart = (v: unknown): boolean =>
  isObject(v) &&
  hasExactly(v, ['salt', 'json']) &&
  isText(v.salt) &&
  /^[0-9a-f]{64}$/.test(v.salt) &&
  isText(v.json);

/** The value of a part; undefined when its text is not JSON. */
export function partValue(version: PackVersion, group: string): unknown {
  const part = Object.hasOwn(version.parts, group) ? version.parts[group] : undefined;
  if (part === undefined) return undefined;
  try {
    return JSON.parse(part.json) as unknown;
  } catch {
    return undefined;
  }
}
