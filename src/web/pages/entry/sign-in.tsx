import { useSuspenseQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { FormEvent } from 'react';
import { ask } from '../../api/client.ts';
import { setupQuery } from '../../api/queries.ts';
import { useSearchText } from '../../kit/address.ts';
import { words } from '../../kit/format.ts';
import { TextInput } from '../../kit/labelled.tsx';
import { Failed } from '../../kit/notice.tsx';
import { Door } from './door.tsx';
import { useEntering } from './opening-form.ts';

/** Address and password; on a demo, its people are listed. */
export function SignIn() {
  const navigate = useNavigate();
  const next = useSearchText('next');
  const { data: setup } = useSuspenseQuery(setupQuery);
  const form = useEntering({ email: '', password: '' });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    // Only pages of this application: an address from elsewhere could lead anywhere.
    const target = next?.startsWith('/o/') ? next : '/';
    form.enter(
      (v) => ask('', 'POST /api/v1/sign-in', {}, v),
      () => navigate({ href: target }),
    );
  };
  const password = setup.demoPassword;
  return (
    <Door title="Sign in">
      <form onSubmit={submit} noValidate>
        <TextInput
          label="Email"
          type="email"
          autoComplete="username"
          value={form.values.email}
          onChange={form.put('email')}
          error={form.problem('email')}
        />
        <TextInput
          label="Password"
          type="password"
          autoComplete="current-password"
          value={form.values.password}
          onChange={form.put('password')}
          error={form.problem('password')}
        />
        <div className="mb-3">
          <Failed error={form.error} hidden={form.hidden} />
        </div>
        <button type="submit" className="btn btn-primary w-full" disabled={form.busy}>
          {form.busy ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
      {setup.demo && (
        <section className="mt-5 border-t border-line pt-4" aria-labelledby="demo">
          <h2 id="demo">People of the demo</h2>
          <p className="mb-2 text-muted">
            {password
              ? `Press a name to fill in the form. Everybody's password is: ${password}`
              : 'Choose one to fill in the address.'}
          </p>
          <ul className="space-y-1">
            {(setup.demoPeople ?? []).map((p) => (
              <li key={p.email}>
                <button
                  type="button"
                  className="btn w-full flex-col items-start! gap-0! text-left whitespace-normal!"
                  onClick={() =>
                    form.setValues((was) => ({ email: p.email, password: password ?? was.password }))
                  }
                >
                  <span>{p.name}</span>
                  <span className="text-[12.5px] font-normal text-muted">{words(p.role)}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
    </Door>
  );
}
