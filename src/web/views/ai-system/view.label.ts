/** Name of the tab. */
export const label = 'What it needs';
/** It is computed of an earlier state, too. */
export const earlier = true;
