/** Name of the tab. */
export const label = 'Hazards';
/** The record itself comes first. */
export const besides = true;
