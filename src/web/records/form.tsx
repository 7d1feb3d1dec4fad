import { type ReactNode, useState } from 'react';
import { Controller, useForm } from 'react-hook-form';
import type { References } from '../../answers/record.ts';
import { ApiError, fieldOfPath } from '../api/client.ts';
import { kindOf } from '../kinds/index.ts';
import type { ControlIds } from '../kit/labelled.tsx';
import { Labelled } from '../kit/labelled.tsx';
import { Failed, Notice } from '../kit/notice.tsx';
import { type Entry, type Flat, isEmpty, isRequired, labelOf, textsIn } from './entries.ts';
import { RecordPicker } from './picker.tsx';

interface FormProps {
  entries: Entry[];
  /** Shown only after "More fields" is pressed. */
  more?: Entry[];
  initial?: Flat;
  references?: References;
  submit: string;
  /** Names that must be given here, besides what the declaration requires. */
  required?: readonly string[];
  /** Names that the caller's own controls show problems of. */
  elsewhere?: readonly string[];
  onSubmit: (values: Flat) => Promise<void>;
  onCancel: () => void;
  /** Further controls of the caller, before the buttons. */
  children?: ReactNode;
  /** Shown while the form is filled in, for what stands in it now. */
  hint?: (values: Flat) => ReactNode;
  /** Shown beside the buttons, where whoever just pressed one looks: what somebody else saved meanwhile. */
  conflict?: ReactNode;
}

interface Failure {
  error: unknown;
  atFields: string[];
}

/** A form over fields and links. Faults that the server finds are shown at the field they are about. */
export function RecordForm(props: FormProps) {
  const { entries, more = [], initial = {}, required = [], onSubmit } = props;
  const form = useForm<Flat>({ defaultValues: withDefaults([...entries, ...more], initial) });
  const [failure, setFailure] = useState<Failure>();
  const [showMore, setShowMore] = useState(false);
  const must = (entry: Entry) => isRequired(entry) || required.includes(entry.name);
  const send = async (values: Flat) => {
    setFailure(undefined);
    try {
      await onSubmit(values);
    } catch (error) {
      setFailure({ error, atFields: place(error) });
    }
  };
  const place = (error: unknown): string[] => {
    if (!(error instanceof ApiError)) return [];
    const known = [...entries, ...more].map((e) => e.name);
    const hits = error.problems.filter((p) => known.includes(fieldOfPath(p.path)));
    for (const p of hits) form.setError(fieldOfPath(p.path), { message: p.message });
    if (hits.some((p) => more.some((e) => e.name === fieldOfPath(p.path)))) setShowMore(true);
    const told = error.problems.filter((p) => props.elsewhere?.includes(fieldOfPath(p.path)));
    return [...hits, ...told].map((p) => p.path);
  };
  const controls = (list: Entry[]) =>
    list.map((entry) => (
      <Controller
        key={entry.name}
        name={entry.name}
        control={form.control}
        rules={{ validate: (v) => !must(entry) || !isEmpty(v) || `${labelOf(entry)} must be given.` }}
        render={({ field, fieldState }) => (
          <EntryInput
            entry={entry}
            required={must(entry)}
            value={field.value}
            error={fieldState.error?.message}
            references={props.references}
            onChange={field.onChange}
          />
        )}
      />
    ));
  const unfinished = Object.keys(form.formState.errors).length;
  return (
    <form noValidate onSubmit={form.handleSubmit(send)}>
      {controls(entries)}
      {more.length > 0 && !showMore && (
        <button type="button" className="btn btn-small mb-4" onClick={() => setShowMore(true)}>
          More fields ({more.length})
        </button>
      )}
      {showMore && controls(more)}
      {props.children}
      {props.hint?.(form.watch())}
      <div className="mb-3 space-y-2">
        {props.conflict}
        {failure && <Failed error={failure.error} hidden={failure.atFields} />}
        {unfinished > 0 && form.formState.isSubmitted && !failure && (
          <Notice tone="bad">Nothing was saved yet: look at the marked fields.</Notice>
        )}
      </div>
      <div className="flex gap-2">
        <button type="submit" className="btn btn-primary" disabled={form.formState.isSubmitting}>
          {form.formState.isSubmitting ? 'Saving…' : props.submit}
        </button>
        <button type="button" className="btn" onClick={props.onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}

function withDefaults(entries: Entry[], initial: Flat): Flat {
  return Object.fromEntries(
    entries.map((e) => [e.name, initial[e.name] ?? (e.field ? (e.field.defaultTo ?? null) : [])]),
  );
}

interface EntryInputProps {
  entry: Entry;
  value: unknown;
  onChange: (value: unknown) => void;
  error?: string;
  required?: boolean;
  references?: References;
}

/** The control of one field or link with its label. */
export function EntryInput({ entry, value, onChange, error, required, references }: EntryInputProps) {
  const { label, help } = entry.field ?? entry.link;
  const control = (ids: ControlIds): ReactNode => {
    if (entry.link) {
      const refs = textsIn(value);
      const { to, max } = entry.link;
      return (
        <RecordPicker
          {...ids}
          label={label}
          register={to}
          max={max}
          {...{ value: refs, onChange, references }}
        />
      );
    }
    const { Input } = kindOf(entry.field.kind);
    return <Input {...ids} field={entry.field} {...{ value, onChange, references, required }} />;
  };
  return (
    <Labelled label={label} help={help} error={error} optional={!required}>
      {control}
    </Labelled>
  );
}
