import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ANNEX_A, draftReason } from './applicability.ts';
import { catalogueHazard, hazardsInRules, MOST, proposeHazards, type SystemFacts } from './hazard-rules.ts';
import { referenceFaults } from './iso27001.ts';

describe('hazard proposals', () => {
  const facts = fc.record({
    kinds: fc.subarray(['model', 'dataset', 'prompt', 'tool', 'agent', 'compute']),
    roles: fc.subarray(['provider', 'producer', 'customer', 'partner']),
    riskClass: fc.constantFrom('minimal', 'limited', 'high', undefined),
    text: fc.oneof(
      fc.string(),
      fc.constantFrom(
        'Ranks job applicants',
        'Chat assistant for orders',
        'Forecasts demand',
        'Finds faces on photos',
      ),
    ),
    supplied: fc.boolean(),
  });

  test('every rule names hazards of the catalogue', () => {
    const ids = hazardsInRules();
    expect(ids.length).toBeGreaterThan(40);
    expect(ids.filter((id) => !catalogueHazard(id))).toEqual([]);
  });

  test('never more than eight, each once, each with a reason, none that is on record', () => {
    fc.assert(
      fc.property(facts, fc.subarray(hazardsInRules()), (f, known) => {
        const found = proposeHazards(
          f,
          known.map((k) => ` ${k.toLowerCase()} `),
        );
        expect(found.length).toBeLessThanOrEqual(MOST);
        expect(new Set(found.map((p) => p.code)).size).toBe(found.length);
        for (const p of found) {
          expect(p.why.length).toBeGreaterThan(0);
          expect(known).not.toContain(p.code);
        }
      }),
    );
  });

  const base: SystemFacts = {
    kinds: [],
    roles: ['provider'],
    riskClass: 'limited',
    text: '',
    supplied: false,
  };
  test.each([
    [
      'a chat with customers',
      { kinds: ['model', 'prompt'], text: 'Chat assistant that answers customers' },
      ['HZ-001', 'HZ-026'],
    ],
    [
      'a scorer of applicants',
      { riskClass: 'high', text: 'Scores applicants for recruiters' },
      ['HZ-040', 'HZ-041', 'HZ-058'],
    ],
    [
      'an agent',
      { kinds: ['agent', 'tool', 'prompt'], text: 'Books travel' },
      ['HZ-044', 'HZ-046', 'HZ-047'],
    ],
    [
      'a coding assistant from outside',
      { roles: ['customer'], supplied: true, text: 'Suggests code to developers; assistant' },
      ['HZ-024', 'HZ-027', 'HZ-061'],
    ],
    ['a forecast', { text: 'Forecasts the demand of spare parts' }, ['HZ-060', 'HZ-062']],
  ])('%s', (_name, more, expected) => {
    const codes = proposeHazards({ ...base, ...more }, []).map((p) => p.code);
    for (const code of expected) expect(codes).toContain(code);
  });
});

describe('the statement of applicability', () => {
  test('has 38 controls with objective and summary, none of ISO at length', () => {
    expect(ANNEX_A).toHaveLength(38);
    for (const c of ANNEX_A) {
      expect(c.summary.length, c.id).toBeGreaterThan(20);
      expect(c.objectiveTitle, c.id).not.toBe('');
    }
  });

  test('no draft decides, every draft fits its field, and the roles change it', () => {
    const systems = [{ ref: 'SYS-0001', roles: ['customer'] }];
    for (const c of ANNEX_A) {
      const text = draftReason(c, systems, [{ ref: 'HAZ-0001', code: 'HZ-001' }]);
      expect(text).toMatch(/^Draft, not decided/);
      expect(text.length).toBeLessThan(4000);
      const perhaps = text.includes('perhaps not necessary');
      expect(perhaps, c.id).toBe(
        c.concerns === 'provider' && !catalogueHazard('HZ-001')!.controls.includes(c.id),
      );
      expect(draftReason(c, [{ ref: 'SYS-0001', roles: [] }], [])).toContain('No role of ours');
    }
  });
});

describe('references to ISO/IEC 27001', () => {
  test('numbers that Annex A has pass, all others are named', () => {
    let tried = 0;
    const sizes: Record<number, number> = { 5: 37, 6: 8, 7: 14, 8: 34 };
    for (let group = 1; group <= 12; group++)
      for (let n = 0; n <= 40; n++) {
        const good = n >= 1 && n <= (sizes[group] ?? 0);
        expect(referenceFaults(`ISO/IEC 27001 A.${group}.${n}`).length, `A.${group}.${n}`).toBe(good ? 0 : 1);
        tried += 1;
      }
    expect(tried).toBe(492);
  });
  test('other registers are none of its business', () => {
    for (const text of ['SOC 2 CC6.1', 'A.99.99', 'NIST 800-53 AC-2', ''])
      expect(referenceFaults(text)).toEqual([]);
  });
});
