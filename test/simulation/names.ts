/** The document of a simulation. */
export const DOC_ID = 'simulated'
