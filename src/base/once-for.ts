/**
 * What is made of something that never changes, such as a declaration: made when it is first asked for, and kept for as long as that something is there.
 */
export function onceFor<K extends object, T>(make: (of: K) => T): (of: K) => T {
  const made = new WeakMap<K, { it: T }>();
  return (of) => {
    let there = made.get(of);
    if (!there) {
      there = { it: make(of) };
      made.set(of, there);
    }
    return there.it;
  };
}
