export const label = 'Gate';
