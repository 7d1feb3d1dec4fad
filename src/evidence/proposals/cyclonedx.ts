import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { type Findings, quoted } from '../findings.ts';
import { arrayAt, numberAt, objectAt, stringAt } from '../reading.ts';
import { digestText, type Proposals, webAddress } from './building.ts';
import type { ComponentKind, ProposedComponent } from './model.ts';

/** What a type of CycloneDX is here. Software of any kind is a tool. */
const KINDS: Readonly<Record<string, ComponentKind>> = {
  'machine-learning-model': 'model',
  data: 'dataset',
  device: 'compute',
  platform: 'compute',
};

/** Reads a CycloneDX bill of materials (JSON). Its version; null when it is none. */
export function readCycloneDx(json: JsonObject, out: Proposals, findings: Findings): string | null {
  if (json.bomFormat !== 'CycloneDX') return null;
  const version = stringAt(json, 'specVersion') ?? '';
  const minor = Number(/^1\.(\d{1,2})$/.exec(version)?.[1] ?? Number.NaN);
  if (Number.isNaN(minor)) {
    findings.refuse(
      'unknown-version',
      '/specVersion',
      `Expected CycloneDX 1.5 to 1.7, got ${quoted(version)}.`,
    );
    return version;
  }
  if (minor < 5)
    findings.flag(
      'old-version',
      '/specVersion',
      `CycloneDX ${version} knows neither models nor datasets; 1.5 or later does.`,
    );
  if (minor > 7)
    findings.flag(
      'new-version',
      '/specVersion',
      `CycloneDX ${version} is newer than 1.7, which this reader knows.`,
    );
  const pending: { item: JsonObject; place: string }[] = [];
  const main = objectAt(objectAt(json, 'metadata'), 'component');
  if (main) pending.push({ item: main, place: '/metadata/component' });
  each(json, 'components', '', (item, place) => pending.push({ item, place }));
  const seen: { made: ProposedComponent; item: JsonObject; place: string }[] = [];
  // Components hold components; what is found joins the end of the list.
  for (let i = 0; i < pending.length && !findings.refused; i++) {
    const { item, place } = pending[i]!;
    const made = readComponent(item, place, out, findings);
    if (made) seen.push({ made, item, place });
    each(item, 'components', place, (inner, at) => pending.push({ item: inner, place: at }));
  }
  each(json, 'services', '', (item, place) => readService(item, place, out));
  for (const { made, item, place } of seen) {
    if (findings.refused) break;
    readOrigins(made, item, place, out, findings);
  }
  return version;
}

function each(
  of: JsonObject | null,
  key: string,
  at: string,
  take: (item: JsonObject, place: string) => void,
): void {
  (arrayAt(of, key) ?? []).forEach((item, i) => {
    if (isJsonObject(item)) take(item, `${at}/${key}/${i}`);
  });
}

const text = (value: JsonValue | undefined): string | null =>
  typeof value === 'string' && value !== '' ? value : null;
const said = (value: string | null): string | null =>
  value === null || /^(no ?assertion|none|unknown|n\/?a)$/i.test(value.trim()) ? null : value;

function readComponent(
  item: JsonObject,
  place: string,
  out: Proposals,
  findings: Findings,
): ProposedComponent | undefined {
  const type = stringAt(item, 'type') ?? '';
  const purl = stringAt(item, 'purl');
  const group = stringAt(item, 'group');
  const name = stringAt(item, 'name') ?? '';
  const made = out.add({
    key: stringAt(item, 'bom-ref') ?? place,
    place,
    name: group && name && !name.startsWith(`${group}/`) ? `${group}/${name}` : name,
    kind: KINDS[type] ?? 'tool',
  });
  if (!made) return undefined;
  made.version = out.cut(said(stringAt(item, 'version')) ?? purlVersion(purl), 'version', place);
  made.digest = readHashes(item, place, findings);
  made.source = sourceOf(item) ?? hubAddress(purl);
  made.licence = out.cut(licenceOf(item), 'licence', place);
  made.supplier = out.cut(
    said(text(objectAt(item, 'supplier')?.name)) ??
      said(text(objectAt(item, 'manufacturer')?.name)) ??
      said(stringAt(item, 'publisher')),
    'name',
    place,
  );
  const card = objectAt(item, 'modelCard');
  made.quality = out.cut(metricsOf(card), 'quality', place);
  made.rights = out.cut(limitsOf(item, card), 'rights', place);
  made.provenance = out.cut(provenanceOf(item, card, purl), 'provenance', place);
  return made;
}

function readService(item: JsonObject, place: string, out: Proposals): void {
  const made = out.add({
    key: stringAt(item, 'bom-ref') ?? place,
    place,
    name: stringAt(item, 'name') ?? '',
    kind: 'tool',
  });
  if (!made) return;
  made.version = out.cut(said(stringAt(item, 'version')), 'version', place);
  made.supplier = out.cut(said(text(objectAt(item, 'provider')?.name)), 'name', place);
  made.source = webAddress(text(arrayAt(item, 'endpoints')?.[0]));
  made.provenance = out.cut(stringAt(item, 'description'), 'provenance', place);
}

/** The strongest digest of the artifact; what only looks like one is told. */
function readHashes(item: JsonObject, place: string, findings: Findings): string | null {
  const found: string[] = [];
  each(item, 'hashes', place, (hash, at) => {
    const algorithm = stringAt(hash, 'alg') ?? '';
    const digest = digestText(algorithm, stringAt(hash, 'content') ?? '');
    if (digest) found.push(digest);
    else if (/^SHA-?(256|384|512)$/i.test(algorithm))
      findings.flag(
        'not-a-digest',
        at,
        `What stands as ${quoted(algorithm)} is no digest of that kind and is left out.`,
      );
    else
      findings.info(
        'other-digest',
        at,
        `A digest of the kind ${quoted(algorithm)} is not kept; SHA-256, SHA-384 and SHA-512 are.`,
      );
  });
  return ['sha256', 'sha512', 'sha384'].map((a) => found.find((d) => d.startsWith(a))).find(Boolean) ?? null;
}

function sourceOf(item: JsonObject): string | null {
  const references = (arrayAt(item, 'externalReferences') ?? []).filter(isJsonObject);
  for (const type of ['distribution', 'source-distribution', 'model-card', 'vcs', 'website', 'documentation'])
    for (const r of references) {
      const address = r.type === type ? webAddress(text(r.url)) : null;
      if (address) return address;
    }
  return null;
}

const purlVersion = (purl: string | null): string | null => {
  const version = /@([^?#]+)/.exec(purl ?? '')?.[1];
  return version ? unescaped(version) : null;
};

/** Where the model hub shows what `pkg:huggingface/…` names. */
const hubAddress = (purl: string | null): string | null => {
  const name = /^pkg:huggingface\/([^@?#]+)/.exec(purl ?? '')?.[1];
  return name ? webAddress(`https://huggingface.co/${unescaped(name)}`) : null;
};

function unescaped(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function licenceOf(item: JsonObject): string | null {
  const names = (arrayAt(item, 'licenses') ?? []).filter(isJsonObject).flatMap((l) => {
    const one = objectAt(l, 'license');
    return said(stringAt(l, 'expression') ?? stringAt(one, 'id') ?? stringAt(one, 'name')) ?? [];
  });
  return names.length > 0 ? [...new Set(names)].join(', ') : null;
}

const lines = (...parts: (string | null | undefined | false)[]): string | null =>
  parts.filter(Boolean).join('\n') || null;
const words = (list: JsonValue[] | null): string | null =>
  (list ?? [])
    .map((v) => (typeof v === 'string' ? v : isJsonObject(v) ? (text(v.name) ?? text(v.description)) : null))
    .filter(Boolean)
    .join('; ') || null;

/** Metrics as the file claims them: values are strings there, and nobody here has measured them. */
function metricsOf(card: JsonObject | null): string | null {
  const metrics = (arrayAt(objectAt(card, 'quantitativeAnalysis'), 'performanceMetrics') ?? []).filter(
    isJsonObject,
  );
  const shown = metrics.slice(0, 200).map((m) => {
    const interval = objectAt(m, 'confidenceInterval');
    const value = text(m.value) ?? (numberAt(m, 'value') ?? '').toString();
    return `- ${text(m.type) ?? 'metric'}: ${value}${text(m.slice) ? ` (${text(m.slice)})` : ''}${interval ? ` [${text(interval.lowerBound) ?? '?'}, ${text(interval.upperBound) ?? '?'}]` : ''}`;
  });
  return shown.length > 0 ? lines('As the bill of materials states it:', ...shown) : null;
}

function limitsOf(item: JsonObject, card: JsonObject | null): string | null {
  const c = objectAt(card, 'considerations');
  const part = (label: string, value: string | null) => value && `${label}: ${value}`;
  return lines(
    part('Copyright', said(stringAt(item, 'copyright'))),
    part('Users', words(arrayAt(c, 'users'))),
    part('Use cases', words(arrayAt(c, 'useCases'))),
    part('Technical limitations', words(arrayAt(c, 'technicalLimitations'))),
    part('Trade-offs', words(arrayAt(c, 'performanceTradeoffs'))),
    part('Ethical considerations', words(arrayAt(c, 'ethicalConsiderations'))),
  );
}

function provenanceOf(item: JsonObject, card: JsonObject | null, purl: string | null): string | null {
  const p = objectAt(card, 'modelParameters');
  const part = (label: string, value: string | null) => value && `${label}: ${value}`;
  return lines(
    said(stringAt(item, 'description')),
    part('Package', purl),
    part('Authors', words(arrayAt(item, 'authors')) ?? stringAt(item, 'author')),
    part('Task', stringAt(p, 'task')),
    part('Approach', stringAt(objectAt(p, 'approach'), 'type')),
    part(
      'Architecture',
      [stringAt(p, 'architectureFamily'), stringAt(p, 'modelArchitecture')].filter(Boolean).join(', ') ||
        null,
    ),
    part('Pedigree', stringAt(objectAt(item, 'pedigree'), 'notes')),
  );
}

/** Datasets it was trained on and ancestors it descends from: named in the file, or described where they are named. */
function readOrigins(
  made: ProposedComponent,
  item: JsonObject,
  place: string,
  out: Proposals,
  findings: Findings,
): void {
  each(
    objectAt(objectAt(item, 'modelCard'), 'modelParameters'),
    'datasets',
    `${place}/modelCard/modelParameters`,
    (data, at) => {
      const ref = stringAt(data, 'ref');
      if (ref) {
        made.derivedFrom.push(ref);
        return;
      }
      const set = readData(data, at, out);
      if (set) made.derivedFrom.push(set.key);
    },
  );
  // A component of type data describes its contents beside itself.
  each(item, 'data', place, (data) => {
    made.source ??= webAddress(text(objectAt(data, 'contents')?.url));
  });
  each(objectAt(item, 'pedigree'), 'ancestors', `${place}/pedigree`, (ancestor, at) => {
    const ref = stringAt(ancestor, 'bom-ref');
    if (ref && out.has(ref)) made.derivedFrom.push(ref);
    else {
      const other = readComponent(ancestor, at, out, findings);
      if (other) made.derivedFrom.push(other.key);
    }
  });
}

function readData(data: JsonObject, place: string, out: Proposals): ProposedComponent | undefined {
  const set = out.add({
    key: stringAt(data, 'bom-ref') ?? place,
    place,
    name: stringAt(data, 'name') ?? '',
    kind: 'dataset',
  });
  if (!set) return undefined;
  set.source = webAddress(text(objectAt(data, 'contents')?.url));
  const part = (label: string, value: string | null) => value && `${label}: ${value}`;
  set.rights = out.cut(
    lines(
      part('Classification', stringAt(data, 'classification')),
      part('Sensitive data', words(arrayAt(data, 'sensitiveData'))),
    ),
    'rights',
    place,
  );
  set.provenance = out.cut(stringAt(data, 'description'), 'provenance', place);
  return set;
}
