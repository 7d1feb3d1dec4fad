import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { CommentView } from '../../answers/comments-and-bulk.ts';
import type { RecordPage, References } from '../../answers/record.ts';
import type { RegisterMeta } from '../../register/describe.ts';
import type { StepOf } from '../../register/rec.ts';
import type { Registers } from '../../registers/index.ts';
import { ask } from '../api/client.ts';
import { afterWrite, useOrganisation } from '../api/queries.ts';
import { Badge } from '../kit/badge.tsx';
import { momentText } from '../kit/format.ts';
import { Labelled } from '../kit/labelled.tsx';
import { Failed } from '../kit/notice.tsx';
import { PersonName } from '../kit/ref-link.tsx';
import { say } from '../kit/toast.tsx';
import { RecordPicker } from './picker.tsx';

interface CommentsProps {
  register: RegisterMeta;
  record: RecordPage;
}

/** What people say about the record, beside it. It changes nothing and decides nothing. */
export function Comments({ register, record }: CommentsProps) {
  const { org, base } = useOrganisation();
  const query = useInfiniteQuery({
    queryKey: ['comments', org, register.name, record.ref],
    initialPageParam: 0,
    queryFn: ({ pageParam, signal }) =>
      ask(
        base,
        'GET :register/:ref/comments',
        { register: register.name, ref: record.ref, after: pageParam },
        undefined,
        { signal },
      ),
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const first = query.data?.pages[0];
  const items = query.data?.pages.flatMap((p) => p.items) ?? [];
  const references: References = Object.assign(
    {},
    record.references,
    ...(query.data?.pages.map((p) => p.references) ?? []),
  );
  if (query.error) return <Failed error={query.error} />;
  if (!first) return null;
  return (
    <section className="mt-6" aria-labelledby="comments">
      <h2 id="comments" className="mb-2">
        Comments{' '}
        {first.total > 0 && (
          <span className="font-normal text-muted">
            {first.open} of {first.total} open
          </span>
        )}
      </h2>
      {items.length > 0 && (
        <ol className="card mb-3 divide-y divide-line">
          {items.map((c) => (
            <OneComment key={c.ref} comment={c} register={first.register} references={references} />
          ))}
        </ol>
      )}
      {query.hasNextPage && (
        <button type="button" className="btn mb-3" onClick={() => query.fetchNextPage()}>
          Show more comments
        </button>
      )}
      {first.mayAdd && <NewComment subject={record.ref} register={first.register} />}
    </section>
  );
}

function OneComment({
  comment,
  register,
  references,
}: {
  comment: CommentView;
  register: string;
  references: References;
}) {
  const { org, base } = useOrganisation();
  const [error, setError] = useState<unknown>();
  const settle = async () => {
    try {
      await ask(base, 'POST :register/:ref/:step', {
        register,
        ref: comment.ref,
        step: 'settle' satisfies StepOf<Registers['comment']>,
      });
      await afterWrite(org);
      say(`${comment.ref} is settled`);
    } catch (e) {
      setError(e);
    }
  };
  return (
    <li className="px-4 py-2.5">
      <p className="flex flex-wrap items-baseline gap-x-2 text-muted">
        <span className="font-medium text-ink">
          <PersonName to={comment.by} references={references} />
        </span>
        <time dateTime={comment.at}>{momentText(comment.at)}</time>
        {comment.edited && <span>edited</span>}
        {!comment.may.settle && comment.state !== 'made' && <Badge tone="plain">Settled</Badge>}
        {comment.may.settle && (
          <button
            type="button"
            className="btn btn-quiet btn-small ml-auto"
            onClick={settle}
            aria-label={`Settle ${comment.ref}`}
          >
            Settle
          </button>
        )}
      </p>
      <p className="prose-plain wrap-anywhere">{withNames(comment.content, references)}</p>
      <Failed error={error} />
    </li>
  );
}

/** Names in place of the numbers of people; the text itself keeps the numbers, which stay when somebody is renamed. */
const withNames = (text: string, references: References): string =>
  text.replace(/@(PSN-\d{4,9})/g, (whole, ref: string) =>
    references[ref] ? `@${references[ref].title}` : whole,
  );

function NewComment({ subject, register }: { subject: string; register: string }) {
  const { org, base, people } = useOrganisation();
  const [text, setText] = useState('');
  const [picked, setPicked] = useState<string[]>([]);
  const [error, setError] = useState<unknown>();
  const [sending, setSending] = useState(false);
  const send = async () => {
    setSending(true);
    setError(undefined);
    const mentions = picked.filter((ref) => !text.includes(`@${ref}`)).map((ref) => `@${ref}`);
    try {
      await ask(
        base,
        'POST :register',
        { register },
        {
          subject,
          content: [text.trim(), mentions.join(' ')].filter(Boolean).join('\n\n'),
        },
      );
      setText('');
      setPicked([]);
      await afterWrite(org);
    } catch (e) {
      setError(e);
    } finally {
      setSending(false);
    }
  };
  return (
    <form
      className="card px-4 py-3"
      onSubmit={(e) => {
        e.preventDefault();
        void send();
      }}
    >
      <Labelled label="Comment">
        {({ id }) => (
          <textarea
            id={id}
            className="input"
            rows={2}
            maxLength={8000}
            value={text}
            onChange={(e) => setText(e.target.value)}
          />
        )}
      </Labelled>
      {text.trim() !== '' && (
        <>
          <Labelled label="Mention" optional help="They find it in their list of work.">
            {({ id, describedBy }) => (
              <RecordPicker
                id={id}
                describedBy={describedBy}
                register={people?.name ?? ''}
                label="Mention"
                value={picked}
                max={20}
                onChange={setPicked}
              />
            )}
          </Labelled>
          <button type="submit" className="btn btn-primary" disabled={sending}>
            Comment
          </button>
        </>
      )}
      <Failed error={error} />
    </form>
  );
}
