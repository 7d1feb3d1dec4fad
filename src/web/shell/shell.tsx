import { Outlet, useLocation } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useOrganisation } from '../api/queries.ts';
import { Icon } from '../kit/icons.tsx';
import { Loading } from '../kit/notice.tsx';
import { AsOfBanner, AsOfControl } from './as-of.tsx';
import { LogBanner } from './log-banner.tsx';
import { Navigation } from './navigation.tsx';
import { PersonMenu } from './person-menu.tsx';

const Palette = lazy(() => import('./palette.tsx').then((m) => ({ default: m.Palette })));

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** The frame around every page of an organisation. */
export function Shell() {
  const { meta } = useOrganisation();
  const [palette, setPalette] = useState(false);
  const [menu, setMenu] = useState(false);
  const content = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu closes whenever the page changes
  useEffect(() => setMenu(false), [pathname]);
  useEffect(() => {
    const listen = (e: KeyboardEvent) => {
      if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === 'k') {
        e.preventDefault();
        setPalette((open) => !open);
      }
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, []);
  return (
    <div className="flex h-dvh flex-col">
      <button type="button" className="btn btn-primary skip" onClick={() => content.current?.focus()}>
        Skip to the content
      </button>
      <header className="flex items-center gap-2 border-b border-line bg-surface px-3 py-1.5">
        <button
          type="button"
          className="btn btn-quiet btn-small lg:hidden"
          aria-label="Navigation"
          aria-expanded={menu}
          onClick={() => setMenu((open) => !open)}
        >
          <Icon name="menu" size={16} />
        </button>
        <img src="./icon.svg" alt="" width={22} height={22} />
        <p className="min-w-0 truncate font-semibold">{meta.organisation.name}</p>
        <div className="ml-auto">
          <AsOfControl />
        </div>
        <button
          type="button"
          className="input flex items-center gap-2 text-muted max-sm:w-auto! sm:max-w-72"
          onClick={() => setPalette(true)}
          aria-keyshortcuts="Control+K Meta+K"
        >
          <Icon name="search" />
          <span className="max-sm:sr-only">Search or jump to</span>
          <kbd className="ml-auto text-[12px] max-sm:hidden">{isMac ? '⌘K' : 'Ctrl K'}</kbd>
        </button>
        <PersonMenu />
      </header>
      <div className="relative flex min-h-0 flex-1">
        <div
          className={`${menu ? 'block' : 'hidden'} w-60 shrink-0 overflow-y-auto border-r border-line bg-surface lg:block max-lg:absolute max-lg:inset-y-0 max-lg:left-0 max-lg:z-30 max-lg:shadow-(--shadow)`}
        >
          <Navigation />
        </div>
        <div className="flex min-w-0 flex-1 flex-col">
          <LogBanner />
          <AsOfBanner />
          <main
            ref={content}
            tabIndex={-1}
            className="min-h-0 flex-1 overflow-y-auto outline-none"
            id="content"
          >
            <Suspense fallback={<Loading />}>
              <Outlet />
            </Suspense>
          </main>
        </div>
      </div>
      {palette && (
        <Suspense>
          <Palette onClose={() => setPalette(false)} />
        </Suspense>
      )}
    </div>
  );
}
