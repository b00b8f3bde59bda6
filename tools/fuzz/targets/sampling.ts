/**
 * The expensive oracles look at one input of so many, chosen by the seed, and in any case at the corpus, at a
 * single input (`--input`), and at some of each batch that reached new code. The cheap ones look at every input.
 */
export const THOROUGH_ONE_IN = {
  /** Of the accepted ones: every format, five orders of the rows, folds, pieces, later edits. */
  updates: 100,
  /** All of `verifyFold`, and what an accepted proposal shows, also after later edits. */
  snapshots: 50,
  /** Of the accepted ones: written in every format, each root of it. */
  content: 20,
  /** Over a socket; the others go to the app in the same process. */
  routes: 16,
} as const
