import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { standingQuery, useOrganisation } from '../api/queries.ts';
import { useUnsigned } from '../api/signing.ts';
import { momentText, plural } from '../kit/format.ts';
import { Icon } from '../kit/icons.tsx';

/** Says above every page that what is recorded now is not signed, and to whoever keeps the log what to do about it. */
export function LogBanner() {
  return useUnsigned() ? <Banner /> : null;
}

function Banner() {
  const { org, meta } = useOrganisation();
  const { data } = useQuery(standingQuery(org));
  const still = data?.still;
  const keeps = meta.me.roles.some((role) => role === 'topManagement' || role === 'aimsManager');
  return (
    <section aria-label="The log" className="tone-bad border-b border-line px-4 py-2">
      <p role="alert" className="flex min-w-0 items-baseline gap-x-2">
        <Icon name="lock" />
        <span className="wrap-anywhere">
          <strong>The log is not signed.</strong> {still?.means.text}{' '}
          {data && data.waiting > 0 && (
            <>
              {plural(data.waiting, 'entry waits', 'entries wait')}
              {data.waitingSince && `, the oldest of ${momentText(data.waitingSince)}`}.
            </>
          )}
        </span>
      </p>
      {keeps && still && (
        <p className="mt-1 wrap-anywhere">
          {still.text} {still.next.text}{' '}
          <Link to="/o/$org/ledger" params={{ org }}>
            Ledger
          </Link>
        </p>
      )}
    </section>
  );
}
