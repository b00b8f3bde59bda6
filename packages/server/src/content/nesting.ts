/** True for the error of a recursion that is too deep: the document is nested too deeply to be written. */
export const isTooDeep = (error: unknown): boolean =>
  error instanceof RangeError && /call stack/i.test(error.message)
