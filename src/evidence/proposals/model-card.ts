import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { Findings } from '../findings.ts';
import { arrayAt, objectAt, stringAt } from '../reading.ts';
import { type Proposals, webAddress } from './building.ts';
import type { Card } from './front-matter.ts';
import type { ComponentKind, ProposedComponent } from './model.ts';

/** Names that only the card of a dataset has. */
const OF_DATASETS = [
  'dataset_info',
  'size_categories',
  'annotations_creators',
  'source_datasets',
  'pretty_name',
  'configs',
  'task_categories',
];

/** Where the model hub shows what a card names by `owner/name`; never fetched. */
const hub = (id: string, kind: ComponentKind): string | null =>
  /^[\w.-]{1,96}(\/[\w.-]{1,96})?$/.test(id)
    ? webAddress(`https://huggingface.co/${kind === 'dataset' ? 'datasets/' : ''}${id}`)
    : null;

/** Reads the card of a model or a dataset: itself, what it was made from, and what it claims. Gives which of both it is. */
export function readModelCard(
  card: Card,
  fileName: string,
  out: Proposals,
  findings: Findings,
): 'model-card' | 'dataset-card' {
  const { meta } = card;
  if (!meta)
    findings.flag(
      'no-front-matter',
      'line 1',
      'The card has no metadata at its top; name and licence are taken from its text.',
    );
  const kind: ComponentKind = OF_DATASETS.some((k) => meta && Object.hasOwn(meta, k)) ? 'dataset' : 'model';
  const body = card.body.replace(/<!--[\s\S]*?(?:-->|$)/g, '');
  const index = (arrayAt(meta, 'model-index') ?? []).filter(isJsonObject);
  const heading = /^#[ \t]+(.{1,300})$/m
    .exec(body)?.[1]
    ?.replace(/^(?:model|data(?:set)?) card (?:for|of)\s+/i, '')
    .trim();
  const name =
    stringAt(meta, 'model_name') ??
    stringAt(index[0] ?? null, 'name') ??
    stringAt(meta, 'pretty_name') ??
    heading ??
    fileName.replace(/\.(md|markdown)$/i, '');
  const place = meta ? 'front matter' : 'text';
  if (/\{\{/.test(name))
    findings.flag('template', place, 'The card is a template that nobody has filled in.');
  const made = out.add({ key: 'card', place, name, kind });
  if (!made) return kind === 'model' ? 'model-card' : 'dataset-card';
  made.version = out.cut(scalar(meta?.version ?? meta?.model_version ?? meta?.revision), 'version', place);
  made.licence = out.cut(licenceOf(meta) ?? bullet(body, 'License'), 'licence', place);
  made.source = webAddress(bullet(body, 'Repository')?.split(/\s/)[0] ?? null);
  made.supplier = out.cut(bullet(body, 'Developed by'), 'name', place);
  made.rights = out.cut(
    join([
      stringAt(meta, 'license_link'),
      section(body, /out-of-scope|limitation|bias|intended use|restrictions|considerations for using/i),
    ]),
    'rights',
    place,
  );
  made.quality = out.cut(
    join([metricsOf(index, findings), section(body, /^(?:results|evaluation|performance|metrics)/i)]),
    'quality',
    place,
  );
  made.provenance = out.cut(
    join([
      part('Language', list(meta?.language).join(', ')),
      part('Library', stringAt(meta, 'library_name')),
      part('Tags', list(meta?.tags).slice(0, 50).join(', ')),
      section(
        body,
        /^(?:training data|training details|dataset creation|source data|dataset description|data)/i,
      ),
    ]),
    'provenance',
    place,
  );
  origins(made, list(meta?.base_model), 'model', out);
  origins(made, list(meta?.datasets), 'dataset', out);
  origins(
    made,
    list(meta?.source_datasets)
      .filter((s) => !/^(original|extended)$/.test(s))
      .map((s) => s.replace(/^extended\|/, '')),
    'dataset',
    out,
  );
  return kind === 'model' ? 'model-card' : 'dataset-card';
}

function origins(made: ProposedComponent, ids: readonly string[], kind: ComponentKind, out: Proposals): void {
  for (const id of new Set(ids)) {
    const key = `${kind}:${id}`;
    if (!out.has(key)) {
      const other = out.add({ key, place: 'front matter', name: id, kind });
      if (!other) continue;
      other.source = hub(id, kind);
    }
    made.derivedFrom.push(key);
  }
}

const scalar = (v: JsonValue | undefined): string | null =>
  typeof v === 'string' && v.trim() !== '' ? v : typeof v === 'number' ? String(v) : null;

/** A word or a list of words; at most a thousand. */
const list = (v: JsonValue | undefined): string[] =>
  (Array.isArray(v) ? v : [v]).slice(0, 1_000).flatMap((x) => scalar(x) ?? []);

const join = (parts: (string | null)[]): string | null => parts.filter(Boolean).join('\n\n') || null;
const part = (label: string, value: string | null): string | null => (value ? `${label}: ${value}` : null);

const licenceOf = (meta: JsonObject | null): string | null => {
  const named = stringAt(meta, 'license_name');
  const ids = list(meta?.license).filter((l) => !(named && l === 'other'));
  return [...ids, ...(named ? [named] : [])].join(', ') || null;
};

/** `- **License:** MIT` in the text of a card. */
function bullet(body: string, label: string): string | null {
  const found = new RegExp(`^[-*][ \\t]+\\*\\*${label}[^\\n*]{0,40}:?\\*\\*:?[ \\t]*([^\\n]{1,500})$`, 'im')
    .exec(body)?.[1]
    ?.trim();
  return !found || /more information needed|\{\{/i.test(found) ? null : found;
}

/** The text below the first heading that reads like this, up to the next heading of any kind. */
function section(body: string, heading: RegExp): string | null {
  const lines = body.split('\n').slice(0, 20_000);
  const from = lines.findIndex(
    (l) => /^#{1,6}[ \t]/.test(l) && heading.test(l.replace(/^#+[ \t]+/, '').trim()),
  );
  if (from < 0) return null;
  const rest = lines.slice(from + 1);
  const to = rest.findIndex((l) => /^#{1,6}[ \t]/.test(l));
  const text = (to < 0 ? rest : rest.slice(0, to)).join('\n').trim();
  return text === '' || /^\[?more information needed\]?$/i.test(text) || /\{\{/.test(text)
    ? null
    : text.slice(0, 4_000);
}

/** Results as the card claims them; whoever wrote the card measured them, or says so. */
function metricsOf(index: readonly JsonObject[], findings: Findings): string | null {
  const shown: string[] = [];
  for (const result of index
    .flatMap((m) => arrayAt(m, 'results') ?? [])
    .filter(isJsonObject)
    .slice(0, 100)) {
    const dataset = objectAt(result, 'dataset');
    if (!dataset)
      findings.flag(
        'no-dataset',
        'front matter',
        'A result of the model index does not say on which dataset.',
      );
    for (const m of (arrayAt(result, 'metrics') ?? []).filter(isJsonObject).slice(0, 100)) {
      const value = scalar(m.value);
      shown.push(
        `- ${scalar(m.name) ?? scalar(m.type) ?? 'metric'}: ${value ?? 'no number'} (${[scalar(objectAt(result, 'task')?.type), scalar(dataset?.name) ?? scalar(dataset?.type), scalar(dataset?.split)].filter(Boolean).join(', ') || 'no dataset named'})`,
      );
    }
  }
  return shown.length > 0 ? ['As the card states it:', ...shown].join('\n') : null;
}
