import type { Guards } from './guards.ts';

export const auditGuards: Guards = {};
