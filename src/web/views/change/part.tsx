export { EffectsPart as Part } from '../../records/effects.tsx';
