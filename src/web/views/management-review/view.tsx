import { useQuery } from '@tanstack/react-query';
import type { Registers } from '../../../registers/index.ts';
import { getRecords } from '../../api/asked.ts';
import { ask } from '../../api/client.ts';
import { useOrganisation } from '../../api/queries.ts';
import { Badge, StateBadge } from '../../kit/badge.tsx';
import { momentText } from '../../kit/format.ts';
import { LinkedText } from '../../kit/linked-text.tsx';
import { Failed } from '../../kit/notice.tsx';
import { Passage, Printed } from '../../kit/printed.tsx';
import { PersonName, RefLink } from '../../kit/ref-link.tsx';
import { Scroll } from '../../kit/scroll.tsx';
import type { ViewProps } from '../index.ts';

const MOMENT = /\d{4}-\d{2}-\d{2}T[0-9:.]+Z/;

/** The minutes as they are signed: inputs, what was said and decided, and what became of it since. */
export function View({ record }: ViewProps<Registers['managementReview']>) {
  const { org, base } = useOrganisation();
  const drawn = useQuery({
    queryKey: ['reviewInputs', org, record.ref, record.version],
    queryFn: () => ask(base, 'GET managementReview/:ref/inputs', { ref: record.ref }),
  });
  const { values, references } = record;
  const shown = drawn.data?.frozen ?? drawn.data?.redrawn;
  const attendees = values.attendees ?? [];
  return (
    <Printed title="Minutes">
      <header>
        <h2>{record.title}</h2>
        <p className="text-muted">
          {values.heldOn ? `Held on ${values.heldOn}` : 'Not held yet'}, led by{' '}
          <PersonName to={values.owner} references={references} />
          {attendees.length > 0 && (
            <>
              ; present:{' '}
              {attendees.map((p, i) => (
                <span key={p}>
                  {i > 0 && ', '}
                  <PersonName to={p} references={references} />
                </span>
              ))}
            </>
          )}
        </p>
      </header>
      <section aria-labelledby="inputs">
        <h3 id="inputs" className="mb-1">
          Inputs
        </h3>
        <Failed error={drawn.error} />
        {drawn.data && (
          <p className="mb-2 text-muted">
            {drawn.data.frozen
              ? `Frozen at ${drawn.data.frozen.at.replace(MOMENT, momentText)}. `
              : 'As of now; nothing is frozen yet. '}
            {drawn.data.same === true && 'Drawn again at that point, the records say the same.'}
            {drawn.data.same === false && 'Drawn again at that point, the records say something else.'}
          </p>
        )}
        {shown && (
          <Scroll className="overflow-x-auto" label="Inputs of the review">
            <table className="grid-table">
              <thead>
                <tr>
                  <th scope="col">Input</th>
                  <th scope="col">What the records say</th>
                </tr>
              </thead>
              <tbody>
                {shown.inputs.map((i) => (
                  <tr key={i.input}>
                    <th scope="row" className="w-36 min-w-28 align-top whitespace-normal!">
                      {i.input}
                    </th>
                    <td className="min-w-44">
                      {i.missing ? <Badge tone="warn">No data</Badge> : null}{' '}
                      <LinkedText text={i.found.replace(/^No data: /, '')} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        )}
      </section>
      <Passage label="Why inputs have no data" text={values.reasons} />
      <Passage label="Minutes" text={values.minutes} />
      <Passage label="Decisions" text={values.decisions} />
      <Actions refs={record.links.actions ?? []} />
      {values.nextOn ? <p>Next review by {values.nextOn}.</p> : null}
    </Printed>
  );
}

/** The actions decided on, with their state as it is now. */
function Actions({ refs }: { refs: readonly string[] }) {
  const { org, base } = useOrganisation();
  const { data, error } = useQuery({
    queryKey: ['reviewActions', org, refs.join()],
    queryFn: () => getRecords(base, 'action', { ref: refs.slice(0, 100), limit: 100, sort: 'number' }),
    enabled: refs.length > 0,
  });
  return (
    <section aria-labelledby="actions">
      <h3 id="actions" className="mb-1">
        Actions, as they are now
      </h3>
      <Failed error={error} />
      {refs.length === 0 && <p className="text-muted">None are linked.</p>}
      <ul className="space-y-1">
        {data?.items.map((a) => (
          <li key={a.ref}>
            <RefLink to={a.ref} title={a.title} /> <StateBadge state={a.state} />{' '}
            <PersonName to={a.values.owner} references={data.references} />
            {a.values.dueOn ? `, due ${a.values.dueOn}` : ''}
          </li>
        ))}
      </ul>
    </section>
  );
}
