/**
 * Columns of the tables that 0.1.0 wrote, by register: it wrote one for each field, link and derived value, also when no record said anything there. A
 * column that is neither here nor in a record is nobody's word. Packs that are made now have columns for what records say alone, so this never grows.
 * `npm run generate` copies it into the other verifiers.
 */
export const FIRST_COLUMNS = `
action: title kind owner plan dueOn criterion verifier exposureDays exposureCases casesSeen doneOn result costs nonconformities risks
  objectives suppliers evidence
aiSystem: name purpose audience owner approver oversight isoRoles stage riskClass inScope scopeReason servedModel suppliers organisationRole
apiKey: label role expires
audit: title kind owner auditors objectives criteria scope from to coversFrom coversTo declaration report conclusion result programme
  systems processes
auditFinding: title grade criterion fact owner answer answerBy audit systems evidence
change: title owner kind description impact rollback envelopeKinds endsOn releaseDigest onCall notes systems releases components plan
  incident
comment: subject content mentions
communication: title owner kind audience channel content plannedFor sentOn systems parties duties evidence
component: name kind componentVersion digest supplierDeclared servedAs source licence rights provenance quality notes systems derivedFrom
  supplier
concern: title content from anonymous about owner answerBy examination answer messages systems
contextIssue: title kind owner effect relevant opportunity response reviewBy systems
control: code title owner applicable why implementation automation otherRegister reviewBy systems requirements documents
criteria: title owner mode method likelihoodScale impactScale appetite acceptAtLevel measuredLikelihood cleanSeries gatePolicy intervals
  retention replaces change
decision: kind subject subjectVersion subjectDigest ownDigest coverDigest covered role by rolesHeld appointment onBehalfOf manner reason
  until method recordedBy saidOn source
document: title kind owner body address attachment externalEdition audience acknowledgedBy readers summary retention reviewBy template
  systems requirements untouched
drill: title kind owner heldOn duration outcome observations notes rollbackPlan evidence
evidence: title file fileName bytes mediaType format formatVersion capturedAt receivedAt coversFrom coversTo claim trust collector release
gateDecision: title verdict riskClass subjectDigest basis allowedUntil told policyRef policyDigest checks logSize logRoot attestation
  release
hazard: code title severity category description testIds systems
impactAssessment: title owner heldOn purposeAndUse affected benefits impacts individuals society consulted conclusion reasons triggers
  nextOn systems parties risks
incident: title severity owner what knownAt harm containedAt containment cause reportable reportBy lessons systems release risks concerns
  communications evidence
interestedParty: name kind owner needs addressed commitments channel reviewBy systems
logChange: kind subject basis reason detail
managementReview: title owner heldOn attendees inputs inputsAt reasons minutes decisions nextOn actions previous
monitor: title kind owner what threshold direction unit interval keptFor reviewBy readings latest latestOn systems controls hazards
  withinLimit
nonconformity: title kind owner foundOn criterion what correction cause elsewhere recurring findings incidents concerns systems changes
  risks
objective: title owner about target direction unit measure plan dueOn readings latest latestOn systems policies onTarget
person: name email roles guest manager
process: title owner inputs outputs steps criteria reviewBy before suppliers documents systems
release: title releaseVersion kind purpose dataClasses overseer useUntil clearedModel notes system components change plan rollbackPlan
  supplier previous
requirement: title kind owner source address content applies why met reportTo reportWithin reviewBy systems parties plans
responsibility: title kind owner part activity duties competence competenceShown delegator startsOn endsOn systems evidence
risk: title owner scenario affects likelihood impactOrganisation impactIndividuals impactSociety treatment treatmentPlan residualLikelihood
  residualOrganisation residualIndividuals residualSociety frequencyLow frequencyHigh lossLow lossHigh currency estimateBasis reviewBy
  systems hazards controls criteria impact level residualImpact residualLevel expectedLoss
riskAssessment: title owner heldOn participants occasion summary nextOn systems risks criteria
rollbackPlan: title target steps triggers maxDuration system
supplier: name supplies owner website contact responsibilities assessment assessedOn nextReview otherRegister
testRun: title kind tool toolVersion toolRunId status startedAt endedAt receivedAt total pass fail error skipped inconclusive hazards
  subjectName subjectVersion subjectDigest trust findings evidence release failRate
verificationPlan: title metric threshold minCases maxInconclusive hazardsRequired approach system hazards
`;

/** Names that follow the register's, up to that of the next. */
export function columnsOfFirstRelease(register: string): ReadonlySet<string> {
  const words = FIRST_COLUMNS.trim().split(/\s+/);
  const after = words.slice(words.indexOf(`${register}:`) + 1);
  const next = after.findIndex((word) => word.endsWith(':'));
  return new Set(words.includes(`${register}:`) ? after.slice(0, next < 0 ? undefined : next) : []);
}
