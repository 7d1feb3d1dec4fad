import type { Guards } from './guards.ts';

export const reviewGuards: Guards = {};
