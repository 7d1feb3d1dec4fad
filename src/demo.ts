import type { App } from './app/context.ts';

export function demoAccess(_folder: string) {
  return { people: [] as { email: string; name: string; role: string }[], password: 'openaims-demo' };
}

export async function loadDemo(_app: App, _folder: string, _out: (line: string) => void): Promise<void> {}
