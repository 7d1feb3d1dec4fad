import {
  createHashHistory,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { ApiError } from './api/client.ts';
import { meQuery, metaQuery, queryClient, setupQuery } from './api/queries.ts';
import { Failed, Loading, Nothing } from './kit/notice.tsx';
import { Toast } from './kit/toast.tsx';

type Search = Record<string, string>;

const texts = (search: Record<string, unknown>): Search =>
  Object.fromEntries(
    Object.entries(search)
      .filter(([, v]) => v !== undefined && v !== null && v !== '')
      .map(([k, v]) => [k, String(v)]),
  );

const root = createRootRoute({
  validateSearch: texts,
  component: () => (
    <>
      <Outlet />
      <Toast />
    </>
  ),
  errorComponent: ({ error }) => (
    <main className="mx-auto max-w-xl p-8">
      <h1 className="mb-3">This page cannot be shown</h1>
      <Failed error={error} />
      <p className="mt-4">
        <a href="#/">Back to the start</a>
      </p>
    </main>
  ),
  notFoundComponent: () => (
    <main className="p-8">
      <Nothing title="There is no such page">
        <a href="#/">Back to the start</a>
      </Nothing>
    </main>
  ),
});

/** Sends whoever is not signed in to the right door, and back to where they wanted to go afterwards. */
async function requireSession(next?: string) {
  try {
    return await queryClient.ensureQueryData(meQuery);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error;
    const setup = await queryClient.fetchQuery(setupQuery);
    if (setup.firstRun) throw redirect({ to: '/first-run' });
    throw redirect({ to: '/sign-in', search: next ? { next } : {} });
  }
}

const start = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: async () => {
    const me = await requireSession();
    const org = me.organisations[0]?.slug;
    if (org) throw redirect({ to: '/o/$org', params: { org } });
  },
  component: () => (
    <main className="p-8">
      <Nothing title="You belong to no organisation">Ask its AIMS manager for an invitation.</Nothing>
    </main>
  ),
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  loader: () => queryClient.ensureQueryData(setupQuery),
  component: lazyRouteComponent(() => import('./pages/entry/sign-in.tsx'), 'SignIn'),
});

const firstRun = createRoute({
  getParentRoute: () => root,
  path: '/first-run',
  component: lazyRouteComponent(() => import('./pages/entry/first-run.tsx'), 'FirstRun'),
});

const invitation = createRoute({
  getParentRoute: () => root,
  path: '/invitation',
  component: lazyRouteComponent(() => import('./pages/entry/invitation.tsx'), 'Invitation'),
});

// For people without an account: concerns, and links to acknowledge a document.
const concern = createRoute({
  getParentRoute: () => root,
  path: '/concerns',
  component: lazyRouteComponent(() => import('./pages/public/concern.tsx'), 'PublicConcern'),
});

const acknowledge = createRoute({
  getParentRoute: () => root,
  path: '/acknowledge',
  component: lazyRouteComponent(() => import('./pages/public/acknowledge.tsx'), 'PublicAcknowledge'),
});

const organisation = createRoute({
  getParentRoute: () => root,
  path: '/o/$org',
  search: {
    middlewares: [
      // Whoever looks at an earlier state stays there from page to page, until a link says otherwise.
      ({ search, next }: { search: Search; next: (s: Search) => Search }) => {
        const result = next(search);
        return 'asOf' in result || !search.asOf ? result : { ...result, asOf: search.asOf };
      },
    ],
  },
  beforeLoad: async ({ params, location }) => {
    await requireSession(location.href);
    await queryClient.ensureQueryData(metaQuery(params.org));
  },
  component: lazyRouteComponent(() => import('./shell/shell.tsx'), 'Shell'),
});

const home = createRoute({
  getParentRoute: () => organisation,
  path: '/',
  component: lazyRouteComponent(() => import('./pages/home/home.tsx'), 'Home'),
});

const ledger = createRoute({
  getParentRoute: () => organisation,
  path: '/ledger',
  component: lazyRouteComponent(() => import('./pages/ledger/ledger.tsx'), 'Ledger'),
});

const changes = createRoute({
  getParentRoute: () => organisation,
  path: '/changes',
  component: lazyRouteComponent(() => import('./pages/changes/changes.tsx'), 'Changes'),
});

const myWork = createRoute({
  getParentRoute: () => organisation,
  path: '/my-work',
  component: lazyRouteComponent(() => import('./pages/my-work/my-work.tsx'), 'MyWork'),
});

const riskMatrix = createRoute({
  getParentRoute: () => organisation,
  path: '/risk-matrix',
  component: lazyRouteComponent(() => import('./pages/risk/matrix.tsx'), 'MatrixPage'),
});

const riskInMoney = createRoute({
  getParentRoute: () => organisation,
  path: '/risk-in-money',
  component: lazyRouteComponent(() => import('./pages/risk/money.tsx'), 'MoneyPage'),
});

const applicability = createRoute({
  getParentRoute: () => organisation,
  path: '/statement-of-applicability',
  component: lazyRouteComponent(() => import('./pages/risk/statement-of-applicability.tsx'), 'StatementPage'),
});

// Pages of the Govern step; they stand with the views, which know their registers.
const raci = createRoute({
  getParentRoute: () => organisation,
  path: '/raci',
  component: lazyRouteComponent(() => import('./pages/govern/raci.tsx'), 'RaciPage'),
});
const awareness = createRoute({
  getParentRoute: () => organisation,
  path: '/awareness',
  component: lazyRouteComponent(() => import('./pages/govern/awareness.tsx'), 'AwarenessPage'),
});
const templates = createRoute({
  getParentRoute: () => organisation,
  path: '/templates',
  component: lazyRouteComponent(() => import('./pages/govern/templates.tsx'), 'TemplatesPage'),
});
const raise = createRoute({
  getParentRoute: () => organisation,
  path: '/raise',
  component: lazyRouteComponent(() => import('./pages/govern/raise-concern.tsx'), 'RaisePage'),
});

const presets = createRoute({
  getParentRoute: () => organisation,
  path: '/presets',
  component: lazyRouteComponent(() => import('./pages/govern/presets.tsx'), 'Presets'),
});

const capa = createRoute({
  getParentRoute: () => organisation,
  path: '/capa',
  component: lazyRouteComponent(() => import('./pages/assure/capa.tsx'), 'Capa'),
});

const programme = createRoute({
  getParentRoute: () => organisation,
  path: '/audit-programme',
  component: lazyRouteComponent(() => import('./pages/assure/audit-programme.tsx'), 'Programme'),
});

const list = createRoute({
  getParentRoute: () => organisation,
  path: '/$register',
  component: lazyRouteComponent(() => import('./records/list-page.tsx'), 'ListPage'),
});

const record = createRoute({
  getParentRoute: () => organisation,
  path: '/$register/$ref',
  component: lazyRouteComponent(() => import('./records/record-page.tsx'), 'RecordPage'),
});

export const router = createRouter({
  routeTree: root.addChildren([
    start,
    signIn,
    firstRun,
    invitation,
    concern,
    acknowledge,
    organisation.addChildren([
      home,
      myWork,
      ledger,
      changes,
      riskMatrix,
      riskInMoney,
      applicability,
      raci,
      awareness,
      templates,
      raise,
      presets,
      capa,
      programme,
      list,
      record,
    ]),
  ]),
  // Pages live behind the hash, so that any static host and any path prefix serves them.
  history: createHashHistory(),
  // Plain names and texts: what a person reads in the address is what the API is asked.
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const text = new URLSearchParams(texts(search)).toString();
    return text === '' ? '' : `?${text.replaceAll('%2C', ',')}`;
  },
  defaultPendingComponent: () => <Loading />,
  defaultPendingMs: 150,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
