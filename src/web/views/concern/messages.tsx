import type { Followed } from '../../../answers/concerns.ts';
import { Badge } from '../../kit/badge.tsx';

const NAMES = { raiser: 'Raised it', handler: 'Handles it' };

/** A conversation, oldest first. */
export function Messages({ messages, me }: { messages: Followed['messages']; me: 'raiser' | 'handler' }) {
  if (messages.length === 0) return <p className="text-muted">No messages yet.</p>;
  return (
    <ol className="space-y-2" aria-label="Messages">
      {messages.map((m, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: messages are only ever added at the end
        <li key={i} className={`card px-4 py-2 ${m.from === me ? 'sm:ml-10' : 'sm:mr-10'}`}>
          <p className="flex flex-wrap items-center gap-2 text-[12.5px] text-muted">
            {m.from === 'raiser' && me === 'raiser' ? 'You' : NAMES[m.from]}
            {m.waiting && <Badge tone="busy">Waits to be passed on</Badge>}
          </p>
          <p className="prose-plain">{m.text}</p>
        </li>
      ))}
    </ol>
  );
}
