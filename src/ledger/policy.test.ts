import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meetsPolicy } from './meets-policy.ts';
import { formatPolicy, type LogPolicy, parsePolicy } from './policy.ts';
import { keyPair, LOG_KEY, ORIGIN, sampleEntries, signedLog } from './testing/sample-log.ts';
import { sampleWitness } from './testing/sample-policy.ts';

const TIME = 1_770_000_000;
const { checkpoint } = signedLog(sampleEntries(5));
const body = checkpoint.slice(0, checkpoint.indexOf('\n\n') + 1);
const witnesses = Array.from({ length: 6 }, (_, i) => sampleWitness(i));
const [w0, w1, w2, w3] = witnesses.map((w) => w.vkey);
const cosigned = (...by: number[]) =>
  checkpoint + by.map((n) => witnesses[n]!.cosign(body, TIME + n)).join('');

const TWO_LEVELS = `# The policy of the standard's example, in our keys.
log ${LOG_KEY.vkey}  https://aims.example.com/log/acme/

witness X1 ${w0}
witness X2\t${w1}
  witness X3 ${w2}
group X-witnesses 2 X1 X2 X3
witness Y1 ${w3} https://witness.example/
group Y-witnesses any Y1

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
`;

describe('a policy file', () => {
  it('is read as the standard says', () => {
    expect(parsePolicy(TWO_LEVELS)).toEqual({
      logs: [{ vkey: LOG_KEY.vkey, url: 'https://aims.example.com/log/acme/' }],
      witnesses: [
        { name: 'X1', vkey: w0 },
        { name: 'X2', vkey: w1 },
        { name: 'X3', vkey: w2 },
        { name: 'Y1', vkey: w3, url: 'https://witness.example/' },
      ],
      groups: [
        { name: 'X-witnesses', threshold: 2, members: ['X1', 'X2', 'X3'] },
        { name: 'Y-witnesses', threshold: 1, members: ['Y1'] },
        { name: 'X-and-Y', threshold: 2, members: ['X-witnesses', 'Y-witnesses'] },
      ],
      quorum: 'X-and-Y',
    });
    expect(parsePolicy('quorum none\n')).toEqual({ logs: [], witnesses: [], groups: [], quorum: 'none' });
    expect(parsePolicy(`witness é ${w0}\nquorum é\n`).quorum).toBe('é');
    expect(parsePolicy(`log ${LOG_KEY.vkey}\nlog ${keyPair(2).vkey}\nquorum none\n`).logs).toHaveLength(2);
  });

  it('is written so that it reads back', () => {
    const policy = parsePolicy(TWO_LEVELS);
    expect(parsePolicy(formatPolicy(policy))).toEqual(policy);
    expect(formatPolicy({ ...policy, witnesses: [], groups: [], quorum: 'none' })).toBe(
      `log ${LOG_KEY.vkey} https://aims.example.com/log/acme/\nquorum none\n`,
    );
    for (const quorum of ['', 'X 1', 'X1\nquorum none', 'nobody']) {
      expect(() => formatPolicy({ ...policy, quorum }), quorum).toThrow(
        expect.objectContaining({ code: 'INVALID' }),
      );
    }
  });

  const one = `witness A ${w0}\n`;
  const two = `${one}witness B ${w1}\n`;
  it.each<[string, string, RegExp]>([
    ['nothing', '', /cut off/],
    ['no quorum', two, /no "quorum" line/],
    ['a cut last line', `${two}quorum A`, /cut off/],
    ['two quorums', `${two}quorum A\nquorum B\n`, /line 4 .* already/],
    ['a quorum of two', `${two}quorum A B\n`, /line 3 .* expected "quorum <name>"/],
    ['a quorum of nobody', `${two}quorum C\n`, /line 3 .* defines "C"/],
    ['a quorum before its witness', `quorum A\n${one}`, /line 1 .* defines "A"/],
    ['a quorum in capitals', 'quorum NONE\n', /defines "NONE"/],
    ['an unknown word', `${two}delegate A\nquorum A\n`, /line 3 .* got "delegate"/],
    ['Windows line endings', `${one}quorum A\r\n`, /U\+000D; save the file with Unix/],
    ['a null character', `${one}quorum A\0\n`, /U\+0000/],
    ['half a character', `${one}witness \ud800 ${w1}\nquorum A\n`, /control character/],
    ['a name that was not UTF-8', `witness \ufffd ${w0}\nquorum none\n`, /not UTF-8/],
    ['a witness named none', `witness none ${w0}\nquorum none\n`, /"none" cannot be a name/],
    ['a group named none', `${one}group none all A\nquorum none\n`, /"none" cannot be a name/],
    ['none as a member', `${one}group G any none A\nquorum G\n`, /defines "none"/],
    ['a name twice', `${one}witness A ${w1}\nquorum A\n`, /line 2 .* "A" is defined already/],
    ['a group named as a witness', `${two}group A all B\nquorum A\n`, /"A" is defined already/],
    ['a key twice', `${one}witness B ${w0}\nquorum A\n`, /public key already/],
    [
      'a key twice under two key names',
      `${one}witness B ${sampleWitness(0, 'other.example').vkey}\nquorum A\n`,
      /public key already/,
    ],
    ['a log twice', `log ${LOG_KEY.vkey}\nlog ${LOG_KEY.vkey}\nquorum none\n`, /line 2 .* already/],
    [
      'a log twice under two origins',
      `log ${LOG_KEY.vkey}\nlog ${keyPair(1, 'other.example').vkey}\nquorum none\n`,
      /line 2 .* already/,
    ],
    ["a log's key for a witness", `witness A ${LOG_KEY.vkey}\nquorum A\n`, /line 1 .* 0x04/],
    ["a witness's key for a log", `log ${w0}\nquorum none\n`, /line 1 .* 0x01/],
    ['no key', 'witness A\nquorum A\n', /line 1 .* expected "witness/],
    ['a log without a key', 'log\nquorum none\n', /line 1 .* expected "log/],
    ['more than a URL', `log ${LOG_KEY.vkey} a b\nquorum none\n`, /line 1 .* expected "log/],
    ['a damaged key', `log ${LOG_KEY.vkey.slice(0, -4)}AAA=\nquorum none\n`, /line 1/],
    ['a group of nobody', `${one}group G all\nquorum G\n`, /at least one member/],
    ['0 of a group', `${two}group G 0 A B\nquorum G\n`, /from 1 to 2, got "0"/],
    ['3 of 2', `${two}group G 3 A B\nquorum G\n`, /from 1 to 2, got "3"/],
    ['-1 of a group', `${two}group G -1 A B\nquorum G\n`, /got "-1"/],
    ['01 of a group', `${two}group G 01 A B\nquorum G\n`, /got "01"/],
    ['a giant number', `${two}group G ${'9'.repeat(400)} A B\nquorum G\n`, /from 1 to 2/],
    ['a member twice', `${two}group G 2 A A\nquorum G\n`, /"A" is a member already/],
    ['a member of two groups', `${two}group G 1 A\ngroup H 1 A B\nquorum H\n`, /"A" is a member already/],
    ['a group in itself', `${one}group G any G A\nquorum G\n`, /defines "G"/],
    ['a member named later', `group G any A\n${one}quorum G\n`, /line 1 .* defines "A"/],
    ['a name of the language', `${one}group G any constructor\nquorum G\n`, /defines "constructor"/],
    ['too much', `${'#'.repeat(1_000_000)}\nquorum none\n`, /at most 1000000 characters/],
  ])('is refused: %s', (_, text, message) => {
    expect(() => parsePolicy(text)).toThrow(message);
    expect(() => parsePolicy(text)).toThrow(expect.objectContaining({ code: 'INVALID' }));
  });

  it('is never half understood, whatever it holds', () => {
    const word = fc.constantFrom(
      'log',
      'witness',
      'group',
      'quorum',
      'none',
      'any',
      'all',
      '1',
      'A',
      'B',
      '#',
    );
    const item = fc.oneof(word, fc.constantFrom(w0!, w1!, LOG_KEY.vkey), fc.string());
    const text = fc
      .array(fc.array(item, { maxLength: 5 }), { maxLength: 6 })
      .map((lines) => lines.map((l) => `${l.join(' ')}\n`).join(''));
    let read = 0;
    fc.assert(
      fc.property(
        fc.oneof(
          text,
          text.map((t) => `${t}quorum none\n`),
        ),
        (t) => {
          try {
            const policy = parsePolicy(t);
            read++;
            expect(parsePolicy(formatPolicy(policy))).toEqual(policy);
          } catch (error) {
            expect(error).toMatchObject({ code: 'INVALID' });
          }
        },
      ),
      { numRuns: 1000 },
    );
    expect(read).toBeGreaterThan(0);
  });
});

/** The quorum written down as the standard defines it, from the top. */
function naiveMet(policy: LogPolicy, name: string, signed: ReadonlySet<string>): boolean {
  if (name === 'none') return true;
  const group = policy.groups.find((g) => g.name === name);
  if (group === undefined) return signed.has(name);
  return group.members.filter((member) => naiveMet(policy, member, signed)).length >= group.threshold;
}

describe('a checkpoint', () => {
  const policy = parsePolicy(TWO_LEVELS);

  it('meets the policy when the log signed it and the quorum cosigned', () => {
    expect(meetsPolicy(cosigned(3, 0, 2), policy)).toMatchObject({
      ok: true,
      log: { origin: ORIGIN, size: 5 },
      cosignedBy: [
        { name: 'X1', vkey: w0, at: TIME },
        { name: 'X3', vkey: w2, at: TIME + 2 },
        { name: 'Y1', vkey: w3, at: TIME + 3 },
      ],
    });
    expect(meetsPolicy(checkpoint, { ...policy, quorum: 'none' })).toMatchObject({
      ok: true,
      cosignedBy: [],
    });
  });

  it('does not without the quorum, and says what lacks', () => {
    expect(meetsPolicy(cosigned(0, 3), policy)).toMatchObject({
      ok: false,
      log: { size: 5 },
      cosignedBy: [{ name: 'X1' }, { name: 'Y1' }],
      problem:
        'the quorum "X-and-Y" is not met: cosigned by "X1", "Y1"; it needs 2 of 2 (X-witnesses, Y-witnesses)',
    });
    expect(meetsPolicy(cosigned(4, 5), policy).problem).toMatch(/by no witness of the policy/);
    // The same witness twice is one.
    expect(meetsPolicy(cosigned(0, 0, 3), policy).ok).toBe(false);
    expect(meetsPolicy(cosigned(0), { ...policy, quorum: 'Y1' }).problem).toMatch(/that one witness/);
  });

  it('meets every policy exactly as its definition says', () => {
    const plan = fc.record({
      signed: fc.uniqueArray(fc.nat(5)),
      cuts: fc.array(
        fc.record({ take: fc.integer({ min: 1, max: 4 }), of: fc.nat(), nested: fc.boolean() }),
        {
          maxLength: 4,
        },
      ),
      quorum: fc.nat(),
    });
    const seen = new Set<boolean>();
    fc.assert(
      fc.property(plan, ({ signed, cuts, quorum }) => {
        const free = witnesses.map((_, i) => `W${i}`);
        const groups: LogPolicy['groups'] = [];
        for (const { take, of, nested } of cuts) {
          const members = nested ? free.splice(-take) : free.splice(0, take);
          if (members.length === 0) continue;
          const name = `G${groups.length}`;
          groups.push({ name, threshold: 1 + (of % members.length), members });
          free.push(name);
        }
        const names = ['none', ...witnesses.map((_, i) => `W${i}`), ...groups.map((g) => g.name)];
        const made: LogPolicy = {
          logs: [{ vkey: LOG_KEY.vkey }],
          witnesses: witnesses.map((w, i) => ({ name: `W${i}`, vkey: w.vkey })),
          groups,
          quorum: names[quorum % names.length]!,
        };
        const again = parsePolicy(formatPolicy(made));
        expect(again).toEqual(made);
        const { ok, cosignedBy } = meetsPolicy(cosigned(...signed), again);
        expect(cosignedBy.map((c) => c.name).sort()).toEqual(signed.map((i) => `W${i}`).sort());
        expect(ok).toBe(naiveMet(made, made.quorum, new Set(signed.map((i) => `W${i}`))));
        seen.add(ok);
      }),
      { numRuns: 300 },
    );
    expect(seen.size).toBe(2);
  });

  it('of an unknown log, or under an unknown key, is not believed', () => {
    const other = signedLog(sampleEntries(5), [keyPair(2).signer]).checkpoint;
    const lenient = { ...policy, quorum: 'none' };
    expect(meetsPolicy(other, lenient).problem).toMatch(/no signature of a trusted key/);
    expect(meetsPolicy(checkpoint, { ...lenient, logs: [] }).problem).toMatch(/knows no log "aims\.example/);
    expect(meetsPolicy(checkpoint, { ...lenient, logs: [] }, [LOG_KEY.vkey]).ok).toBe(true);
    expect(meetsPolicy(other, { ...lenient, logs: [...policy.logs, { vkey: keyPair(2).vkey }] }).ok).toBe(
      true,
    );
    // Witnesses cannot stand in for the log.
    expect(meetsPolicy(other + cosigned(0, 1, 2, 3).slice(checkpoint.length), policy).ok).toBe(false);
  });

  it('is refused for one line of a known signer that does not hold, however many others do', () => {
    const stolen = witnesses[1]!.cosign(body.replace('\n5\n', '\n4\n'), TIME);
    const verdict = meetsPolicy(cosigned(0, 2, 3) + stolen, policy);
    expect(verdict).toMatchObject({ ok: false, cosignedBy: [], problem: expect.stringMatching(/witness1/) });
    const twoKeys = { ...policy, logs: [...policy.logs, { vkey: keyPair(2).vkey }], quorum: 'none' };
    const wrong = signedLog(sampleEntries(4), [keyPair(2).signer]).checkpoint.split('\n\n')[1]!;
    expect(meetsPolicy(checkpoint + wrong, twoKeys)).toMatchObject({ ok: false });
  });

  it('that is damaged or none at all is refused with a reason, never with a crash', () => {
    const full = cosigned(0, 1, 3);
    expect(meetsPolicy(full, policy).ok).toBe(true);
    let refused = 0;
    for (let length = 0; length < full.length; length++) {
      const { ok, problem } = meetsPolicy(full.slice(0, length), policy);
      expect(ok, `${length}`).toBe(false);
      expect(problem).not.toBe('');
      refused++;
    }
    expect(refused).toBe(full.length);
    const bytes = Buffer.from(full);
    for (let bit = 0; bit < bytes.length * 8; bit += 3) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(meetsPolicy(changed.toString(), policy).ok, `bit ${bit}`).toBe(false);
    }
    fc.assert(fc.property(fc.string(), (note) => !meetsPolicy(note, policy).ok));
    const sizes = ['0', '-1', '9007199254740993', '1e3', '9'.repeat(400), '05'];
    for (const size of sizes) {
      expect(meetsPolicy(full.replace('\n5\n', `\n${size}\n`), policy).ok, size).toBe(false);
    }
  });
});
