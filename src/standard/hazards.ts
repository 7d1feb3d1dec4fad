/**
 * The catalogue of AI hazards: what can go wrong with an AI system, which Annex A controls answer it, and which tests of
 * which tools exercise it. Wording and mapping are ours; the references point to the public lists they agree with.
 */
import data from './hazards.json' with { type: 'json' };

/** A test that exercises a hazard: a red-team plugin, a probe, a benchmark task, a metric or a procedure. */
export interface HazardTest {
  tool: string;
  kind: string;
  /** The name in that tool, e.g. `pii:direct` for promptfoo. */
  id: string;
}

/** One hazard of the catalogue. */
export interface Hazard {
  /** `HZ-001` and on; never reused. */
  id: string;
  category: string;
  title: string;
  description: string;
  /** Annex A controls (`A.6.2.4`), seldom a clause (`9.1`). */
  controls: string[];
  /** Ids in public lists: OWASP LLM and agentic top tens, MITRE ATLAS, NIST AI 600-1, MIT AI risk repository. */
  references: {
    owasp_llm_2025?: string[];
    owasp_llm_2026?: string[];
    owasp_agentic_2026?: string[];
    mitre_atlas?: { id: string; name: string }[];
    nist_ai_600_1?: string[];
    mit_ai_risk_subdomain?: string[];
  };
  tests: HazardTest[];
}

/** All hazards, in the order of their ids. */
export const HAZARDS: readonly Hazard[] = data as Hazard[];

const byId = new Map(HAZARDS.map((hazard) => [hazard.id, hazard]));

/** The hazard with this id (`HZ-001`), or undefined. */
export function hazardById(id: string): Hazard | undefined {
  return byId.get(id);
}

/** The hazards that a test of a tool exercises, by the exact id the tool gives it; none when it is unknown. */
export function hazardsTestedBy(tool: string, testId: string): Hazard[] {
  return HAZARDS.filter((hazard) => hazard.tests.some((test) => test.tool === tool && test.id === testId));
}
