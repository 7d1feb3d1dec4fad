import { CliError } from './terminal.ts';
import type { Verification } from './verify-command.ts';

export function verifyAttestation(_text: string, _pem: string): Verification {
  throw new CliError('not yet');
}
