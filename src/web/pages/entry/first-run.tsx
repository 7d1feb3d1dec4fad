import { useNavigate } from '@tanstack/react-router';
import type { FormEvent } from 'react';
import { ask } from '../../api/client.ts';
import { useSearchText } from '../../kit/address.ts';
import { TextInput } from '../../kit/labelled.tsx';
import { Failed, Notice } from '../../kit/notice.tsx';
import { Door } from './door.tsx';
import { useEntering } from './opening-form.ts';

/** The first account and the organisation, with the token of the link that the server printed. */
export function FirstRun() {
  const navigate = useNavigate();
  const token = useSearchText('token');
  const form = useEntering({ name: '', email: '', password: '', organisation: '', size: '' });
  if (!token)
    return (
      <Door title="Nobody has an account yet">
        <Notice tone="busy">
          Open the first-run link that the server printed when it started. It proves that you are the one who
          runs it.
        </Notice>
      </Door>
    );
  const submit = (e: FormEvent) => {
    e.preventDefault();
    form.enter(
      ({ size, ...v }) =>
        ask('', 'POST /api/v1/setup', {}, { ...v, ...(size.trim() ? { size: Number(size) } : {}), token }),
      () => navigate({ to: '/' }),
    );
  };
  return (
    <Door title="Set up OpenAIMS">
      <form onSubmit={submit} noValidate>
        <TextInput
          label="Organisation"
          autoComplete="organization"
          value={form.values.organisation}
          onChange={form.put('organisation')}
          error={form.problem('organisation')}
        />
        <TextInput
          label="How many people work in it"
          help="You included. It proposes how much is asked of you; nothing else follows from it."
          value={form.values.size}
          onChange={form.put('size')}
          error={form.problem('size')}
        />
        <TextInput
          label="Your name"
          autoComplete="name"
          value={form.values.name}
          onChange={form.put('name')}
          error={form.problem('name')}
        />
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
          autoComplete="new-password"
          help="At least 10 characters; a few words are easier to keep than signs."
          value={form.values.password}
          onChange={form.put('password')}
          error={form.problem('password')}
        />
        <div className="mb-3">
          <Failed error={form.error} hidden={form.hidden} />
        </div>
        <button type="submit" className="btn btn-primary w-full" disabled={form.busy}>
          {form.busy ? 'Setting up…' : 'Create the organisation'}
        </button>
      </form>
    </Door>
  );
}
