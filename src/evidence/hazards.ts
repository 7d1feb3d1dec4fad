/** From the plugin ids of promptfoo to the hazards of our catalogue. */
import { HAZARDS } from '../standard/hazards.ts';
import type { HazardRef } from './model.ts';

interface Mapped {
  standardHazards: string[];
  owasp: string[];
}

function catalogue(): Map<string, Mapped> {
  const byPlugin = new Map<string, Mapped>();
  for (const hazard of HAZARDS) {
    for (const test of hazard.tests) {
      if (test.tool !== 'promptfoo') continue;
      const mapped = byPlugin.get(test.id) ?? { standardHazards: [], owasp: [] };
      mapped.standardHazards.push(hazard.id);
      mapped.owasp.push(...(hazard.references.owasp_llm_2025 ?? []));
      byPlugin.set(test.id, mapped);
    }
  }
  return byPlugin;
}

const byPlugin = catalogue();

/**
 * The one form of a plugin id: trimmed, without the `promptfoo:redteam:` prefix assertions carry. Case is kept where it
 * matters (paths of custom plugins), lowered otherwise.
 */
export function normalisePluginId(id: string): string {
  const bare = id.trim().replace(/^promptfoo:redteam:/i, '');
  return bare.startsWith('file://') ? bare : bare.toLowerCase();
}

function lookUp(id: string): Mapped {
  const exact = byPlugin.get(id);
  if (exact !== undefined) return exact;
  // `harmful`, `pii` and `bias` stand for all their kinds; a kind unknown to us stands for nothing more general.
  const kinds = [...byPlugin].filter(([plugin]) => plugin.startsWith(`${id}:`)).map(([, mapped]) => mapped);
  return {
    standardHazards: kinds.flatMap((kind) => kind.standardHazards),
    owasp: kinds.flatMap((kind) => kind.owasp),
  };
}

/** Our hazards behind a promptfoo plugin, sorted, each once. An unknown plugin maps to none and is never dropped. */
export function standardHazardsOf(pluginId: string): Mapped {
  const mapped = lookUp(normalisePluginId(pluginId));
  return {
    standardHazards: [...new Set(mapped.standardHazards)].sort(),
    owasp: [...new Set(mapped.owasp)].sort(),
  };
}

/** A plugin id as a reference to hazards. */
export function hazardRef(pluginId: string): HazardRef {
  const id = normalisePluginId(pluginId);
  return { scheme: 'promptfoo', id, standardHazards: standardHazardsOf(id).standardHazards };
}
