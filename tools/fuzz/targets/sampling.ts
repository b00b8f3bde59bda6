/**
 * The expensive oracles check one input of this many, chosen by the seed. They always check the corpus, a single
 * input (`--input`), and some of each batch that reached new code. The cheap oracles check every input.
 */
export const THOROUGH_ONE_IN = {
  /** Of accepted inputs: every format, five orders of the rows, folds, pieces, later edits. */
  updates: 100,
  /** All of `checkFold`, and the content of an accepted proposal, even after later edits. */
  snapshots: 50,
  /** Of accepted inputs: every format of each root. */
  content: 20,
  /** One input of this many is sent over a socket; the others go to the app in the same process. */
  routes: 16,
} as const
