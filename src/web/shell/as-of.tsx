import { useQuery } from '@tanstack/react-query';
import { useLocation, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { pointQuery, useOrganisation } from '../api/queries.ts';
import { momentText } from '../kit/format.ts';
import { Icon } from '../kit/icons.tsx';
import { Failed } from '../kit/notice.tsx';
import { Panel } from '../kit/panel.tsx';
import { inputOf, pointOf } from '../kit/point.ts';
import { PointFields } from '../kit/point-fields.tsx';

type Search = Record<string, string>;

/** Shows the same page of another state; no point means the present. */
function useGoTo(): (point: string | undefined) => void {
  const navigate = useNavigate();
  return (point) => {
    const search = (before: Search): Search => {
      const { new: _, ...rest } = before;
      return { ...rest, asOf: point ?? '' };
    };
    navigate({ to: '.', search: search as never });
  };
}

/** Opens the choice of the state that the pages show. */
export function AsOfControl() {
  const { asOf } = useOrganisation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="btn btn-quiet" onClick={() => setOpen(true)} aria-haspopup="dialog">
        <Icon name="clock" />
        <span className="max-sm:sr-only">{asOf ? 'Earlier state' : 'As of'}</span>
      </button>
      {open && <Choice asOf={asOf} onClose={() => setOpen(false)} />}
    </>
  );
}

function Choice({ asOf, onClose }: { asOf: string | undefined; onClose: () => void }) {
  const goTo = useGoTo();
  const [input, setInput] = useState(() => inputOf(asOf));
  const go = (point: string | undefined) => {
    onClose();
    goTo(point);
  };
  return (
    <Panel
      open
      onClose={onClose}
      title="Show an earlier state"
      description="Every page then shows what was recorded at that point, checked against the ledger. Nothing can be changed there."
    >
      <form
        onSubmit={(e) => {
          e.preventDefault();
          const point = pointOf(input);
          if (point) go(point);
        }}
      >
        <PointFields
          legend="As of"
          help="A time means the newest checkpoint of the ledger at or before it."
          value={input}
          onChange={setInput}
        />
        <div className="flex flex-wrap gap-2">
          <button type="submit" className="btn btn-primary" disabled={pointOf(input) === undefined}>
            Show that state
          </button>
          {asOf && (
            <button type="button" className="btn" onClick={() => go(undefined)}>
              Back to now
            </button>
          )}
        </div>
      </form>
    </Panel>
  );
}

/** Pages that have no earlier state: what they show is the present, whatever the address says. */
const PRESENT: Readonly<Record<string, string>> = {
  ledger: 'This page always shows the present ledger.',
  changes: 'This page compares the two points below.',
};

/** Says above every page that it is not the present one. */
export function AsOfBanner() {
  const { asOf } = useOrganisation();
  return asOf ? <Banner asOf={asOf} /> : null;
}

function Banner({ asOf }: { asOf: string }) {
  const { org } = useOrganisation();
  const goTo = useGoTo();
  const { pathname } = useLocation();
  const { data, error } = useQuery(pointQuery(org, asOf));
  const present = PRESENT[pathname.split('/')[3] ?? ''];
  return (
    <section
      aria-label="Earlier state"
      className="tone-warn flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-2"
    >
      {error ? (
        <Failed error={error} />
      ) : (
        <p role="status" className="flex min-w-0 items-baseline gap-x-2">
          <Icon name="clock" />
          <span className="wrap-anywhere">
            {data ? (
              <>
                As of{' '}
                <strong>
                  <time dateTime={data.at}>{momentText(data.at)}</time>, entry{' '}
                  {data.size.toLocaleString('en')}
                  {data.log > 1 && ` of log ${data.log}`}
                </strong>
                . {present ?? 'Nothing can be changed here.'}
              </>
            ) : (
              'Looking for that point…'
            )}
          </span>
        </p>
      )}
      <button type="button" className="btn btn-small ml-auto" onClick={() => goTo(undefined)}>
        Back to now
      </button>
    </section>
  );
}
