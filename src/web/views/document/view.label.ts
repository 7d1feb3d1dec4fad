/** Name of the tab. */
export const label = 'Edition in force';
