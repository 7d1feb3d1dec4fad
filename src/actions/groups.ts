/** Groups of commands that no register has: what the list of all commands says of them. Their commands stand with their actions. */
export const GROUPS: Readonly<Record<string, { heading?: string; summary?: string; says: string }>> = {
  rows: {
    heading: 'Proofs and log:',
    summary: 'Records that differ from their newest version',
    says: 'Records as they stand beside what their newest version says, which is what the log vouches for.',
  },
  filters: { heading: 'Work:', says: 'Filters of lists that you keep, and shared ones.' },
  preset: {
    heading: 'Proportion:',
    says: 'Starting criteria: how much is asked of an organisation of this size.',
  },
  'log witness': {
    says: 'Witnesses of the log: others that cosign its checkpoints, so that it cannot be rewritten unseen.',
  },
};
