import { useOrganisation } from '../api/queries.ts';
import { Labelled } from '../kit/labelled.tsx';
import { RecordPicker } from './picker.tsx';

/** What is asked of somebody's leaving once the server has found that there is something to hand over. */
export const LEAVING: readonly string[] = ['successor', 'keys'];

interface LeavingProps {
  wanted: readonly string[];
  given: Record<string, string>;
  problems: Record<string, string>;
  onChange: (given: Record<string, string>) => void;
}

/** Who takes over, and what becomes of API keys: each asked only when the answer is needed. */
export function Leaving({ wanted, given, problems, onChange }: LeavingProps) {
  const { people } = useOrganisation();
  const set = (name: string, value: string | undefined) => {
    const { [name]: _, ...rest } = given;
    onChange(value ? { ...rest, [name]: value } : rest);
  };
  return (
    <>
      {wanted.includes('successor') && (
        <Labelled
          label="Successor"
          error={problems.successor}
          help="Takes over everything, in the same moment."
        >
          {({ id, describedBy, invalid }) => (
            <RecordPicker
              id={id}
              describedBy={describedBy}
              invalid={invalid}
              label="Successor"
              register={people?.name ?? ''}
              value={given.successor ? [given.successor] : []}
              max={1}
              onChange={(refs) => set('successor', refs[0])}
            />
          )}
        </Labelled>
      )}
      {wanted.includes('keys') && (
        <Labelled label="API keys they made" error={problems.keys}>
          {({ id, describedBy, invalid }) => (
            <select
              id={id}
              className="input"
              aria-describedby={describedBy}
              aria-invalid={invalid || undefined}
              value={given.keys ?? ''}
              onChange={(e) => set('keys', e.target.value)}
            >
              <option value="">Choose</option>
              <option value="revoke">Revoke: their secret may leave with the person</option>
              <option value="keep">Keep: others use them</option>
            </select>
          )}
        </Labelled>
      )}
    </>
  );
}
