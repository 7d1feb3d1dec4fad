/** A stand-in for the app: holds a data directory until it is killed. Prints one line of JSON when it is ready. */
import { startEmbedded } from './index.ts';

const [dataDir = ''] = process.argv.slice(2);
const lines: string[] = [];
try {
  const server = await startEmbedded({ dataDir, log: (line) => lines.push(line) });
  console.log(JSON.stringify({ connection: server.connection, pids: server.pids(), lines }));
  process.once('SIGTERM', () => void server.stop().then(() => process.exit(0)));
  setInterval(() => undefined, 1_000);
} catch (error) {
  const { code, message } = error as { code?: string; message: string };
  console.log(JSON.stringify({ code, message }));
  process.exitCode = 1;
}
