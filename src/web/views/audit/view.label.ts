export const label = 'Report';
