/** A member of something of which nothing is known; undefined where it is no object, or has none of its own by that name. */
export const member = (of: unknown, name: string): unknown =>
  typeof of === 'object' && of !== null && Object.hasOwn(of, name) ? Reflect.get(of, name) : undefined;
