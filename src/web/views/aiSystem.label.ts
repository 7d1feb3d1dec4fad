/** Name of the tab. */
export const label = 'What it needs';
