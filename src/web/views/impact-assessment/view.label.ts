/** Name of the tab. */
export const label = 'Review';
/** The record itself comes first. */
export const besides = true;
/** It is computed of an earlier state, too. */
export const earlier = true;
