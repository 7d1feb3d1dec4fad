import type { Statement } from '../db/database.ts';
import { named } from '../records/named.ts';
import { RECORD_SELECT } from '../records/records.ts';

const HERE = 'r.organisation = (select present_organisation())';

/** References of the AI systems that any version of these components was used in. */
export const systemsEver = (components: readonly string[]): Statement => ({
  text: `select distinct s.ref from record r join content c on c.organisation = r.organisation and c.record_id = r.id and c.part = 'links'
      cross join lateral jsonb_array_elements_text(coalesce(c.value->${named.component.link('systems')}, '[]'::jsonb)) s(ref)
    where ${HERE} and r.register = $2 and r.ref = any($1)`,
  values: [components, named.component.name],
  name: 'effects-systems',
});

/** Records of these references. */
export const recordsNamed = (refs: readonly string[]): Statement => ({
  text: `select ${RECORD_SELECT} from record r where ${HERE} and r.ref = any($1)`,
  values: [refs],
  name: 'effects-named',
});
