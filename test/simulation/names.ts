/** The document of a simulation. */
export const DOC_ID = 'simulated'

/** Another document, which pages with joint streams also open. */
export const NEIGHBOUR_ID = 'neighbour'
