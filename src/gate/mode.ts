/** Sizes of organisation and the criteria each begins with, for those that may not read the declarations themselves. */
export {
  type CriteriaPreset,
  criteriaPresets,
  type Mode,
  presetForSize,
} from '../registers/criteria-presets.ts';
