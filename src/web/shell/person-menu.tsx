import { Menu } from '@base-ui/react/menu';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useRef } from 'react';
import { ask } from '../api/client.ts';
import { meQuery, queryClient, useOrganisation } from '../api/queries.ts';
import { words } from '../kit/format.ts';
import { Icon } from '../kit/icons.tsx';
import { chooseTheme, THEMES, type Theme, useTheme } from '../kit/theme.ts';
import { say } from '../kit/toast.tsx';

const ITEM =
  'flex cursor-default items-center gap-2 px-3 py-1.5 outline-none select-none data-highlighted:bg-accent-soft';
const THEME_LABELS: Record<Theme, string> = { system: 'As the system', light: 'Light', dark: 'Dark' };

/** Who is signed in, in which roles; appearance; other organisations; the way out. */
export function PersonMenu() {
  const { meta, org } = useOrganisation();
  // The popup opens inside the page's header, so that it belongs to a landmark.
  const place = useRef<HTMLDivElement>(null);
  const theme = useTheme();
  const navigate = useNavigate();
  const { data: me } = useQuery(meQuery);
  const others = (me?.organisations ?? []).filter((o) => o.slug !== org);
  const roles = meta.me.roles.map((r) => meta.roles[r] ?? words(r)).join(', ');
  const leave = async () => {
    try {
      await ask('', 'POST /api/v1/sign-out', {});
    } catch {
      say('The server could not be reached: you are still signed in.');
      return;
    }
    queryClient.clear();
    navigate({ to: '/sign-in' });
  };
  return (
    <div ref={place}>
      <Menu.Root>
        <Menu.Trigger
          className="btn btn-quiet max-w-64 text-left"
          aria-label={`${meta.me.name}, account and appearance`}
        >
          <Icon name="person" size={16} />
          <span className="truncate max-sm:hidden">
            <span className="block truncate leading-4">{meta.me.name}</span>
            <span className="block truncate text-[12px] leading-4 font-normal text-muted">{roles}</span>
          </span>
        </Menu.Trigger>
        <Menu.Portal container={place}>
          <Menu.Positioner sideOffset={4} align="end" className="z-50">
            <Menu.Popup className="popup w-60 py-1">
              <Menu.Group className="border-b border-line px-3 py-2">
                <Menu.GroupLabel>
                  <span className="block font-semibold">{meta.me.name}</span>
                  <span className="text-muted">{roles || 'No role'}</span>
                </Menu.GroupLabel>
              </Menu.Group>
              <Menu.RadioGroup value={theme} onValueChange={(t: Theme) => chooseTheme(t)}>
                {THEMES.map((t) => (
                  <Menu.RadioItem key={t} value={t} closeOnClick={false} className={ITEM}>
                    <span className="w-4">
                      <Menu.RadioItemIndicator>
                        <Icon name="check" />
                      </Menu.RadioItemIndicator>
                    </span>
                    {THEME_LABELS[t]}
                  </Menu.RadioItem>
                ))}
              </Menu.RadioGroup>
              {others.map((o) => (
                <Menu.Item
                  key={o.slug}
                  className={`${ITEM} border-t border-line`}
                  onClick={() => navigate({ to: '/o/$org', params: { org: o.slug } })}
                >
                  Go to {o.name}
                </Menu.Item>
              ))}
              <Menu.Item className={`${ITEM} border-t border-line`} onClick={leave}>
                Sign out
              </Menu.Item>
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
    </div>
  );
}
