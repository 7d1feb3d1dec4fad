import { expect, test } from 'vitest';
import { Places } from './places.ts';

const settled = () => new Promise((done) => setImmediate(done));

/** Takes a place for each; tells in which order they got theirs, and who was turned away. */
function queue(places: Places) {
  const got: string[] = [];
  const away: string[] = [];
  const want = (name: string, desk: string, tries: number) =>
    void places.take({ desk, tries }).then((granted) => void (granted ? got : away).push(name));
  return { got, away, want };
}

test('a free place is given at once; the line goes by desk, then by who was wrong least, then by who came', async () => {
  const places = new Places(2, 10);
  const { got, want } = queue(places);
  want('a1', 'a', 1);
  want('a2', 'a', 2);
  want('a3', 'a', 3);
  want('a4', 'a', 4);
  want('colleague', 'a', 0);
  want('other desk', 'b', 9);
  await settled();
  expect(got).toEqual(['a1', 'a2']);
  for (const expected of ['other desk', 'colleague', 'a3', 'a4']) {
    places.give('a');
    await settled();
    expect(got.at(-1)).toBe(expected);
  }
});

test('a full line turns away the last of whoever stands there most, and everybody else gets a place', async () => {
  const places = new Places(1, 3);
  const { got, away, want } = queue(places);
  for (let i = 0; i < 6; i++) want(`a${i}`, 'a', i);
  want('colleague', 'a', 0);
  want('other desk', 'b', 5);
  await settled();
  expect(got).toEqual(['a0']);
  expect(away.toSorted()).toEqual(['a2', 'a3', 'a4', 'a5']);
  for (let i = 0; i < 3; i++) {
    places.give('a');
    await settled();
  }
  expect(got).toEqual(['a0', 'colleague', 'a1', 'other desk']);
  // All were given back.
  places.give('b');
  want('later', 'c', 0);
  await settled();
  expect(got.at(-1)).toBe('later');
});
