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
export const INTERESTED_PARTY = 'interestedParty';
export const CONTEXT_ISSUE = 'contextIssue';
export const REQUIREMENT = 'requirement';
export const DOCUMENT = 'document';
export const PROCESS = 'process';
export const RESPONSIBILITY = 'responsibility';
export const OBJECTIVE = 'objective';
export const COMMUNICATION = 'communication';
export const CONCERN = 'concern';
export const IMPACT_ASSESSMENT = 'impactAssessment';
export const CONTROL = 'control';
export const MONITOR = 'monitor';
export const INCIDENT = 'incident';
export const AUDIT = 'audit';
export const AUDIT_FINDING = 'auditFinding';
export const NONCONFORMITY = 'nonconformity';
export const ACTION = 'action';
export const MANAGEMENT_REVIEW = 'managementReview';
export const COMMENT = 'comment';
export const COMPONENT = 'component';
export const SUPPLIER = 'supplier';
export const VERIFICATION_PLAN = 'verificationPlan';
export const CHANGE = 'change';
export const ROLLBACK_PLAN = 'rollbackPlan';

/** Kinds of decision that a state can stand on. */
export const AGREEING: readonly string[] = ['approve', 'accept', 'waive'];
