export const label = 'Minutes';
