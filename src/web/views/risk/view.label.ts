/** Name of the tab. */
export const label = 'Rating';
/** It is computed of an earlier state, too. */
export const earlier = true;
