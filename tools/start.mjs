// npm start: installs what is missing, builds what is stale, starts.
import { install } from './install.mjs';

install();
const { build } = await import('./build.mjs');
await build();
process.argv.splice(2, 0, 'start');
await import('../dist/server/main.mjs');
