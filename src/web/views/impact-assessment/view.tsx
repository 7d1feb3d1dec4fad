import { useQuery } from '@tanstack/react-query';
import type { Triggers } from '../../../answers/risk.ts';
import type { Registers } from '../../../registers/index.ts';
import { ask } from '../../api/client.ts';
import { useOrganisation } from '../../api/queries.ts';
import { ErasedSince } from '../../kit/erased-since.tsx';
import { momentText, words } from '../../kit/format.ts';
import { Failed, Loading, Notice } from '../../kit/notice.tsx';
import { RefLink } from '../../kit/ref-link.tsx';
import type { ViewProps } from '../index.ts';

/** What happened since the approval that asks for a new assessment. */
export function View({ record }: ViewProps<Registers['impactAssessment']>) {
  const { base, org, asOf } = useOrganisation();
  const { data, error } = useQuery({
    queryKey: ['triggers', org, record.ref, record.version, asOf],
    queryFn: () => ask(base, 'GET impactAssessment/:ref/triggers', { ref: record.ref, asOf }),
  });
  if (error) return <Failed error={error} />;
  if (!data) return <Loading />;
  return (
    <div className="space-y-4">
      <ErasedSince of={data} />
      <Result found={data} />
      <ul className="space-y-2">
        {data.events.map((e) => (
          <li key={`${e.trigger} ${e.ref}`} className="card px-4 py-2">
            <p>
              <strong>{words(e.trigger)}</strong>
              {e.at && <span className="text-muted"> · {momentText(e.at)}</span>}
            </p>
            <p>
              <RefLink to={e.ref} title={e.title} />
            </p>
            <p className="text-muted">
              {e.says}
              {!e.named && ' This assessment does not name it as a reason to assess again.'}
            </p>
          </li>
        ))}
      </ul>
      {data.watchedByPeople.length > 0 && (
        <p className="text-muted">
          No record tells of these; people look out for them:{' '}
          {data.watchedByPeople.map((t) => words(t).toLowerCase()).join(', ')}.
        </p>
      )}
      {data.notShown.length > 0 && (
        <p className="text-muted">
          Not counted here, because you may not read them: {data.notShown.map(words).join(', ')}.
        </p>
      )}
    </div>
  );
}

function Result({ found }: { found: Triggers }) {
  if (!found.since)
    return <p className="text-muted">Not approved yet: there is nothing to count events from.</p>;
  const { decision, at } = found.since;
  const many = found.events.length;
  return (
    <Notice
      tone={many > 0 ? 'warn' : 'plain'}
      title={many > 0 ? 'It is time to look again' : 'Nothing on record asks for a new assessment'}
    >
      <p>
        Since the approval <RefLink to={decision} /> of {momentText(at)}
        {many > 0 ? `, ${many === 1 ? 'one thing' : `${many} things`} happened.` : '.'}
      </p>
    </Notice>
  );
}
