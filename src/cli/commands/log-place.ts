import type { Answered } from '../../actions/index.ts';
import type { Client } from '../client.ts';
import { RefusedRequest } from '../problem.ts';
import { CliError } from '../terminal.ts';

/**
 * Address of a log of the organisation, below the server's root: the one that is signed on, or the one of that number. An organisation
 * has more than one when a log had to be frozen and continued.
 */
export async function logPlace(client: Client, number?: string): Promise<string> {
  const first = `/log/${client.connection.org}`;
  if (number === '1') return first;
  let logs: Answered<'GET /log/:org/logs'>['logs'] = [];
  try {
    logs = (await client.ask('GET /log/:org/logs', { org: client.connection.org })).logs;
  } catch (error) {
    // A server of an older version has one log and no list of them.
    if (!(error instanceof RefusedRequest && error.status === 404)) throw error;
  }
  const found =
    number === undefined ? logs.find((l) => l.open) : logs.find((l) => String(l.number) === number);
  if (number !== undefined && !found)
    throw new CliError(
      `${client.connection.org} has no log ${number}; it has ${logs.map((l) => l.number).join(', ') || '1'}.`,
    );
  const path = found?.path ?? first;
  if (path !== first && !new RegExp(`^${first}/[1-9]\\d{0,5}$`).test(path))
    throw new CliError('The server gives a place for its log that is none.');
  return path;
}
