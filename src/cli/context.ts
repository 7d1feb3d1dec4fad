import type { Command } from 'commander';
import type { Registry } from '../register/register.ts';
import { Client } from './client.ts';
import { type ConnectionOptions, connectionOf } from './profile.ts';
import { type CliIo, EXIT, Terminal } from './terminal.ts';

/** What every command has at hand. */
export class Context {
  readonly io: CliIo;
  readonly registry: Registry;
  readonly terminal: Terminal;
  /** Set by a command whose verdict is negative; 0 otherwise. */
  exitCode: number = EXIT.ok;

  constructor(io: CliIo, registry: Registry) {
    this.io = io;
    this.registry = registry;
    this.terminal = new Terminal(io);
  }

  /** Connection options of a command, its own before those of the program. */
  connectionOptions(command: Command): ConnectionOptions {
    const all = chain(command).map((c) => c.opts<ConnectionOptions>());
    const own = all[0] ?? {};
    const root = all.at(-1) ?? {};
    // A register may have fields of these names: its commands take --profile only, the program the rest.
    const ownsAddress = command.options.some(
      (o) => o.attributeName() === 'url' && o.helpGroupHeading === CONNECTION,
    );
    return {
      profile: own.profile ?? root.profile,
      url: (ownsAddress ? own.url : undefined) ?? root.url,
      org: (ownsAddress ? own.org : undefined) ?? root.org,
    };
  }

  /** The server a command speaks to, as the person or key it speaks for. */
  async client(command: Command): Promise<Client> {
    const connection = await connectionOf(this.io, this.connectionOptions(command));
    return new Client(connection, undefined, (line) => this.terminal.note(line));
  }

  /** The verdict is negative. */
  negative(): void {
    this.exitCode = EXIT.negative;
  }
}

/** Heading of the options that say which server is meant. */
export const CONNECTION = 'Connection:';

/** Adds --profile, --url and --org to a command that has no fields of its own. */
export function withConnection(command: Command): Command {
  return command
    .addOption(command.createOption('--profile <name>', 'stored sign-in to use').helpGroup(CONNECTION))
    .addOption(command.createOption('--url <address>', 'server').helpGroup(CONNECTION))
    .addOption(command.createOption('--org <slug>', 'organisation').helpGroup(CONNECTION));
}

function chain(command: Command): Command[] {
  return command.parent ? [command, ...chain(command.parent)] : [command];
}
