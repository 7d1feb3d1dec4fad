// npm start: installs what is missing, builds what is stale, starts.
import { install } from './install.mjs';

const parent = process.ppid;
install();
const { build } = await import('./build.mjs');
await build();
// npm was ended meanwhile: nobody waits for a server any more.
if (process.env.npm_lifecycle_event === 'start' && process.ppid !== parent) process.exit(1);
process.argv.splice(2, 0, 'start');
await import('../dist/server/main.mjs');
