import type { Lineage, LineageNode } from '../../answers/components.ts';
import type { FieldOf, LinkOf, Said } from '../../register/rec.ts';
import type { Register } from '../../register/register.ts';
import type { Registers } from '../../registers/index.ts';
import { registers } from '../../registers/index.ts';
import * as cell from '../../store/db/cells.ts';
import {
  depthsOf,
  LINEAGE_LIMITS,
  lineageParts,
  lineageStatements,
  linkingStatement,
} from '../../store/release/lineage.ts';
import type { App, Asking } from '../context.ts';
import { demandRead } from '../write/access.ts';
import { readRecord } from '../write/idempotent.ts';

type Component = Registers['component'];

const DERIVED: LinkOf<Component> = 'derivedFrom';
const USED_IN: LinkOf<Component> = 'systems';

/**
 * What a component, or what an AI system uses, was derived from and what was derived from it, over all steps: at most 20 steps and 300
 * components, nearest first. Circles do no harm.
 */
export async function readLineage(app: App, ask: Asking, register: Register, ref: string): Promise<Lineage> {
  const component = app.registry.of(registers.component);
  demandRead(ask, register);
  demandRead(ask, component);
  const { organisation } = ask.actor;
  const of = await readRecord(app, ask, register, ref);
  let roots = [of.id];
  let cut = false;
  if (register.name !== registers.component.name) {
    const [rows] = await app.db.run(organisation, [
      linkingStatement(of.id, USED_IN, registers.component.name, LINEAGE_LIMITS.nodes + 1),
    ]);
    roots = rows!.slice(0, LINEAGE_LIMITS.nodes).map((r) => cell.text(r.id));
    cut = rows!.length > roots.length;
  }
  const [upRows, downRows] = await app.db.run(organisation, lineageStatements(DERIVED, roots));
  const up = depthsOf(upRows!);
  const down = depthsOf(downRows!);
  const layers = new Map<string, number>();
  for (const id of roots) layers.set(id, 0);
  for (const [id, depth] of up.depths) if (!layers.has(id)) layers.set(id, -depth);
  for (const [id, depth] of down.depths) if (!layers.has(id)) layers.set(id, depth);
  const nearest = [...layers].sort((a, b) => Math.abs(a[1]) - Math.abs(b[1]));
  const kept = nearest.slice(0, LINEAGE_LIMITS.nodes).map(([id]) => id);
  const [records, edges] = await app.db.run(organisation, lineageParts(DERIVED, kept));
  const nodes = records!
    .map((r): LineageNode => {
      const v: Said<Component> = cell.object(r.values);
      const text = (name: FieldOf<Component>) => (typeof v[name] === 'string' ? { [name]: v[name] } : {});
      return {
        ref: cell.text(r.ref),
        title: cell.text(r.title),
        state: cell.text(r.state),
        layer: layers.get(cell.text(r.id))!,
        ...text('kind'),
        ...(typeof v.componentVersion === 'string' ? { version: v.componentVersion } : {}),
        ...text('digest'),
        ...text('licence'),
        ...text('rights'),
      };
    })
    .sort((a, b) => a.layer - b.layer || (a.ref < b.ref ? -1 : 1));
  return {
    of: { ref: of.ref, title: of.title },
    nodes,
    edges: edges!.map((e) => ({ from: cell.text(e.from), to: cell.text(e.to) })),
    cut: cut || up.cut || down.cut || nearest.length > kept.length,
  };
}
