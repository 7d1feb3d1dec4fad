import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { FormEvent } from 'react';
import { ask } from '../../api/client.ts';
import { useSearchText } from '../../kit/address.ts';
import { TextInput } from '../../kit/labelled.tsx';
import { Failed, Loading } from '../../kit/notice.tsx';
import { Door } from './door.tsx';
import { useEntering } from './opening-form.ts';

/** Whoever was invited chooses a password and is in. */
export function Invitation() {
  const navigate = useNavigate();
  const token = useSearchText('token') ?? '';
  const form = useEntering({ password: '' });
  const invited = useQuery({
    queryKey: ['invitation', token],
    // Once accepted, the token is used up: asking again would only say so.
    enabled: !form.busy,
    queryFn: () => ask('', 'GET /api/v1/invitations/:token', { token }),
  });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    form.enter(
      (v) => ask('', 'POST /api/v1/invitations/accept', {}, { token, ...v }),
      () => navigate({ to: '/' }),
    );
  };
  if (invited.isPending) return <Loading />;
  if (invited.isError)
    return (
      <Door title="This invitation cannot be used">
        <Failed error={invited.error} />
        <p className="mt-3">Ask the person who invited you for a new link.</p>
      </Door>
    );
  return (
    <Door title={`Join ${invited.data.organisation}`}>
      <p className="mb-4">
        {invited.data.name}, you will sign in as <strong>{invited.data.email}</strong>.
      </p>
      <form onSubmit={submit} noValidate>
        <TextInput
          label="Choose a password"
          type="password"
          autoComplete="new-password"
          help="At least 10 characters."
          value={form.values.password}
          onChange={form.put('password')}
          error={form.problem('password')}
        />
        <div className="mb-3">
          <Failed error={form.error} hidden={form.hidden} />
        </div>
        <button type="submit" className="btn btn-primary w-full" disabled={form.busy}>
          {form.busy ? 'Joining…' : 'Join'}
        </button>
      </form>
    </Door>
  );
}
