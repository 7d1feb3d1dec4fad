import type { App } from '../app/context.ts';
import type { FrontOptions } from './front.ts';
import type { Operation } from './operation.ts';

/** What the server is made with. */
export interface ServerOptions {
  app: App;
  version: string;
  /** Is this the token of the link printed at start? Compared in constant time. */
  firstRunToken: (token: string) => boolean;
  demo?: { people: { email: string; name: string; role: string }[]; password: string };
  /** What stands before the server. */
  front?: Pick<FrontOptions, 'names' | 'trustProxy'> | undefined;
  /** Operations besides those there are. */
  also?: readonly Operation[];
  /** Folder of the built pages; without it only the interface is served. */
  site?: string;
}
