import { describe, expect, it } from 'vitest';
import { normalisePluginId, standardHazardsOf } from '../evidence/hazards.ts';
import { HAZARDS, hazardById, hazardsTestedBy } from './hazards.ts';

describe('the catalogue of hazards', () => {
  it('has unique ids in order, and each hazard a title, controls and tests', () => {
    const ids = HAZARDS.map((hazard) => hazard.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect([...ids].sort()).toEqual(ids);
    for (const hazard of HAZARDS) {
      expect(hazard.title.length, hazard.id).toBeGreaterThan(3);
      expect(
        hazard.controls.every((control) => /^(A\.\d+\.\d+(\.\d+)?|\d+\.\d+(\.\d+)?)$/.test(control)),
        hazard.id,
      ).toBe(true);
      expect(hazard.controls.length, hazard.id).toBeGreaterThan(0);
      expect(hazard.tests.length, hazard.id).toBeGreaterThan(0);
    }
  });

  it('finds hazards by id and by the test that exercises them', () => {
    expect(hazardById('HZ-001')?.title).toBe('Direct prompt injection');
    expect(hazardById('HZ-999')).toBeUndefined();
    expect(hazardsTestedBy('promptfoo', 'hijacking').map((hazard) => hazard.id)).toEqual([
      'HZ-001',
      'HZ-054',
    ]);
  });

  it('maps plugin ids in all their spellings, and unknown ones to nothing', () => {
    expect(normalisePluginId(' promptfoo:redteam:PII:direct ')).toBe('pii:direct');
    expect(normalisePluginId('file://My/Plugin.yaml')).toBe('file://My/Plugin.yaml');
    expect(standardHazardsOf('pii:direct').owasp).toEqual(['LLM02:2025']);
    const group = standardHazardsOf('pii').standardHazards;
    expect(group).toEqual(expect.arrayContaining(standardHazardsOf('pii:social').standardHazards));
    expect(standardHazardsOf('pii:never-seen')).toEqual({ standardHazards: [], owasp: [] });
  });
});
