import { expect, test } from 'vitest';
import { askedChunks, folded, storedWords, titleWords, wordsIn, wordsQuery } from './words.ts';

test('accents, case and ligatures are folded; other scripts stay', () => {
  expect(folded('Größe ÉCLAIR Øre ﬁn Œuvre Łódź')).toBe('grosse eclair ore fin oeuvre lodz');
  expect(folded('риск が 한국')).toBe('риск が 한국');
});

test('what stands together is stored in its parts and as one', () => {
  expect(storedWords('gpt-4o 2.3.2')).toBe('wgpt w4o w2 w3 w2 wgpt4o w232');
});

test('what is asked follows each other, and the last word may be unfinished', () => {
  expect(wordsQuery('gpt-4')).toBe(`('wgpt' <-> 'w4':* | 'wgpt4':*)`);
  expect(wordsQuery('2.3.1')).toBe(`('w2' <-> 'w3' <-> 'w1' | 'w231':*)`);
  expect(wordsQuery('"red team"')).toBe(`('wred' <-> 'wteam' | 'wredteam')`);
  expect(wordsQuery(' ./@ ')).toBeUndefined();
});

test('scripts without blanks are cut into pairs; one character is a beginning', () => {
  expect(askedChunks('安全管理')).toEqual([['安全', '全管', '管理']]);
  expect(askedChunks('安')).toEqual([['安']]);
});

test('nothing that is asked can break out of a word', () => {
  for (const text of [`a' | 'b`, "it's", 'x\\', ':*', '!!a', '(a|b)&c', 'a <-> b'])
    expect(wordsQuery(text) ?? '', text).toMatch(/^[\s()|&<>\-:*'a-z0-9]*$/);
});

test('an organisation keeps every word, of titles too, with its number before it', () => {
  expect(wordsIn(7, `${titleWords('Two wet towels')} ${storedWords('Two 2.3 été')}`)).toBe(
    'o7twtwo o7twwet o7twtowels o7wtwo o7w2 o7w3 o7wete o7w23',
  );
});
