import * as action from '../actions/gate.ts';
import { readPresets, takenPreset, takePreset } from '../app/govern/presets.ts';
import { readEffects } from '../app/release/effects.ts';
import { decidedBefore, decideGate, previewGate, readAttestation } from '../app/release/gate.ts';
import { readRequirements } from '../app/release/requirements.ts';
import { present } from '../app/write/idempotent.ts';
import type { Operation } from './operation.ts';
import { eitherWay, serve } from './serve.ts';

/** The release gate, what a change made stale, and how much is asked of whom. */
export const gateOperations = (): Operation[] => [
  ...serve(action.preview, (c) => eitherWay(c, (app) => previewGate(app, c.ask, c.params.ref))),
  ...serve(
    action.decide,
    async ({ app, ask, params, organisation }) => decideGate(app, ask, await organisation(), params.ref),
    async ({ app, ask, params, organisation }, { record }) =>
      decidedBefore(app, ask, await organisation(), params.ref, record.ref),
  ),
  ...serve(action.readAttestation, ({ app, ask, params }) => readAttestation(app, ask, params.ref)),
  ...serve(action.readEffects, (c) =>
    eitherWay(c, (app) => readEffects(app, c.ask, c.register, c.params.ref, c.query.limit)),
  ),
  ...serve(action.listPresets, ({ app, ask }) => readPresets(app, ask)),
  ...serve(
    action.takePreset,
    async ({ app, ask, params, body, wrote }) => {
      const { asked, aloneFrom, ...done } = await takePreset(app, ask, params.preset, body);
      return { ...wrote(done), asked, aloneFrom, decision: done.decision };
    },
    async ({ app, ask, params, wrote }, kept) => {
      const made = await present(app, ask, kept);
      const { asked, aloneFrom } = await takenPreset(app, ask, params.preset, made);
      return { ...wrote(made), asked, aloneFrom, decision: made.decision };
    },
  ),
  ...serve(action.readRequirements, (c) => eitherWay(c, (app) => readRequirements(app, c.ask, c.params.ref))),
];
