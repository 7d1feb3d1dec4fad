import type { LogView } from '../../../answers/log.ts';
import { ask } from '../../api/client.ts';
import { chosenOf } from '../../kit/chosen.ts';

/** One thing to fill in before an act. */
export interface Ask {
  name: string;
  label: string;
  help?: string;
  kind?: 'text' | 'lines' | 'number' | 'choice' | 'password';
  options?: [value: string, label: string][];
  optional?: true;
  value?: string;
}

type Told = Readonly<Record<string, string>>;

/** Something the keepers of the log can do to it. */
export interface Act {
  label: string;
  explain: string;
  done: string;
  asks: Ask[];
  /** With what was filled in, of which nothing is empty; gives what is shown once, if anything is. */
  carryOut(base: string, told: Told): Promise<string | undefined>;
}

const REASON: Ask = { name: 'reason', label: 'Reason', kind: 'lines', optional: true };
const PASSWORD: Ask = { name: 'password', label: 'Your password', kind: 'password' };

/** What can be done to a log. */
export function actsOn(log: LogView): Act[] {
  return [
    {
      label: log.public ? 'Close the log…' : 'Open the log…',
      carryOut: async (base, { reason }) => {
        await ask(base, 'POST log/visibility', {}, { public: !log.public, reason });
      },
      explain: log.public
        ? 'Only members and holders of the read token will see it. Copies that others made remain.'
        : 'Everybody can then read it. It holds no personal data and no text, but says when which record changed.',
      done: log.public ? 'The log is closed' : 'The log is open',
      asks: [REASON],
    },
    {
      label: 'Make a read token…',
      carryOut: async (base, { reason }) => {
        return (await ask(base, 'POST log/token', {}, { reason })).token;
      },
      explain:
        'For an auditor or a monitor of a log that is not public. It takes the place of an earlier one.',
      done: 'The token is made',
      asks: [REASON],
    },
    {
      label: 'Add a witness…',
      carryOut: async (base, { vkey = '', url = '' }) => {
        await ask(base, 'POST log/witnesses', {}, { vkey, url });
      },
      explain:
        'Somebody else who signs that the log was only ever added to. Ask them for their key and address.',
      done: 'The witness is added',
      asks: [
        { name: 'vkey', label: 'Key of the witness' },
        { name: 'url', label: 'Address', help: 'Such as https://witness.example.com' },
      ],
    },
    {
      label: 'Set time stamps…',
      carryOut: async (base, { url = '', chain = '', every }) => {
        await ask(
          base,
          'POST log/stamps/service',
          {},
          { url, chain, every: chosenOf(['day', 'hour'], every) },
        );
      },
      explain: 'A time-stamping authority (RFC 3161) says when a checkpoint existed at the latest.',
      done: 'Checkpoints will be stamped',
      asks: [
        { name: 'url', label: 'Address of the authority' },
        {
          name: 'chain',
          label: 'Its certificates (PEM)',
          kind: 'lines',
          help: 'The ones it signs with, up to the root.',
        },
        {
          name: 'every',
          label: 'How often',
          kind: 'choice',
          options: [
            ['day', 'Daily'],
            ['hour', 'Hourly'],
          ],
          value: 'day',
        },
      ],
    },
    {
      label: 'Change the key…',
      carryOut: async (base, { overlapDays, reason, password }) => {
        await ask(
          base,
          'POST log/rotate-key',
          {},
          { overlapDays: overlapDays === undefined ? undefined : Number(overlapDays), reason, password },
        );
      },
      explain:
        'Both keys sign for some days, so that people who trust the old one find the new one in the log.',
      done: 'The log has a new key',
      asks: [
        { name: 'overlapDays', label: 'Days for which both sign', kind: 'number', value: '30' },
        REASON,
        PASSWORD,
      ],
    },
    {
      label: 'Begin a new log…',
      carryOut: async (base, { because: chosen, reason, password }) => {
        // Which cause it is cannot be taken back: none is assumed.
        const because = chosenOf(['lost', 'compromised', 'keyLost'], chosen);
        await ask(base, 'POST log/new', {}, { because, reason, password });
      },
      explain: 'Freezes this log for good. The next one names its last head. There is no way back.',
      done: 'The new log is open',
      asks: [
        {
          name: 'because',
          label: 'What happened',
          kind: 'choice',
          options: [
            ['lost', 'The newest database is lost'],
            ['compromised', 'The key is in other hands'],
            ['keyLost', 'The key is lost for good'],
          ],
          value: 'lost',
        },
        REASON,
        PASSWORD,
      ],
    },
  ];
}

/** The door for concerns without a name: who may open it is who keeps the log, because the log says that they did. */
export const doorAct = (open: boolean): Act => ({
  label: open ? 'Close the door for concerns…' : 'Open the door for concerns…',
  carryOut: async (base, { reason }) => {
    await ask(base, 'POST concerns/door', {}, { open: !open, reason });
  },
  explain: open
    ? 'Nobody can raise a concern without a name any more. Those that were raised stay, and can be followed by their codes.'
    : 'Anyone with the address can then raise a concern without a name or an account. Nothing about the writer is kept.',
  done: open ? 'Concerns without a name are not taken any more' : 'Concerns without a name are taken',
  asks: [REASON],
});
