/**
 * The registers that the application itself works with, beyond what every register gets from its declaration. Only
 * the files that do such work name one.
 */
export const PERSON = 'person';
export const AI_SYSTEM = 'aiSystem';
export const API_KEY = 'apiKey';
export const DECISION = 'decision';
export const EVIDENCE = 'evidence';
export const TEST_RUN = 'testRun';
export const LOG_CHANGE = 'logChange';
export const RELEASE = 'release';
export const GATE_DECISION = 'gateDecision';
export const CRITERIA = 'criteria';
export const RISK = 'risk';
export const RISK_ASSESSMENT = 'riskAssessment';
export const HAZARD = 'hazard';
export const DRILL = 'drill';
