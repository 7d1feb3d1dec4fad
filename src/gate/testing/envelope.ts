import { allowedScene, hex, rec, type Scene } from './scene.ts';

export const digestOf = (n: number): string => hex(n, 'c');

/** The release differs from the one in use by a new prompt, and cites an envelope that was approved for prompts. */
export function envelopeScene(base: () => Scene = allowedScene): Scene {
  const s = base();
  const prompt = (n: number) =>
    rec(`CMP-000${n}`, 'component', 'current', {
      values: { kind: 'prompt', digest: digestOf(n) },
      links: { systems: ['SYS-0001'] },
    });
  s.components = [s.components[0]!, prompt(3)];
  s.release.links = { ...s.release.links, components: ['CMP-0001', 'CMP-0003'] };
  s.inUse = {
    release: rec('REL-0009', 'release', 'shipped', { title: '2.3.1' }),
    components: [s.components[0]!, prompt(2)],
    allowance: rec('GAT-0009', 'gateDecision', 'recorded', {
      values: { verdict: 'allow', subjectDigest: hex(9, 'a') },
    }),
    digest: hex(9, 'a'),
  };
  s.change!.values = {
    title: 'Prompts',
    owner: 'PSN-0001',
    kind: 'envelope',
    envelopeKinds: ['prompt'],
    endsOn: '2027-04-10',
  };
  s.change!.links = { systems: ['SYS-0001'], plan: ['VPL-0001'] };
  s.systemThen = structuredClone(s.system.values);
  // Nobody has approved the release itself.
  s.decisions = s.decisions.filter((d) => d.values.subject !== 'REL-0001');
  return s;
}
