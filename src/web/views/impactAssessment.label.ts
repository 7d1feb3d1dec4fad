/** Name of the tab. */
export const label = 'Review';
/** The record itself comes first. */
export const besides = true;
