/** Name of the tab. */
export const label = 'Readings';
