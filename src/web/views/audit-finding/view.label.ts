export const label = 'Follow-up';
