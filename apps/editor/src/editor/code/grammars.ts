import { common, createLowlight } from 'lowlight'

/** Loaded on demand: see highlighting.ts. */
export const createHighlighter = () => createLowlight(common)
