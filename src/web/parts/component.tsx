export { EffectsPart as Part } from './effects/effectsPart.tsx';
