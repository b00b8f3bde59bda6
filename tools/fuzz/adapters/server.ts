import { documentRoutes } from '../../../packages/documents/src/routes/index.ts'
import type { RequestError } from '../../../packages/server/src/errors.ts'
import { routeTable } from '../../../packages/server/src/routes/table/index.ts'

export { buildDocument } from '../../../packages/documents/src/content/build.ts'
export {
  FORMAT_NAMES,
  FORMATS,
  type Format,
  LINE_ENDS,
  ROOT_TYPES,
  type RootChoice,
  type RootType,
} from '../../../packages/documents/src/content/formats.ts'
export { pendingOf } from '../../../packages/documents/src/content/pending.ts'
export { readContent } from '../../../packages/documents/src/content/read.ts'
export { listRoots } from '../../../packages/documents/src/content/roots.ts'
export { statsOf } from '../../../packages/documents/src/content/stats.ts'
export { anyHtml } from '../../../packages/documents/src/content/testing/any-html.ts'
export { anyMarkdown } from '../../../packages/documents/src/content/testing/any-markdown.ts'
export { verifyRows } from '../../../packages/documents/src/content/verify/rows.ts'
export {
  differenceOf,
  restoration,
} from '../../../packages/documents/src/content/versions.ts'
export { type ContentFormat, writeContent } from '../../../packages/documents/src/content/write.ts'
export { checkFold, judgeProposal } from '../../../packages/server/src/compaction/check.ts'
// Parts of the server that the fuzzers run millions of times in their own process. Over HTTP, they could run
// them only thousands of times.
export { randomDocument } from '../../../packages/server/src/compaction/testing/documents.ts'
export {
  type Parts,
  putTogether,
  takeApart,
} from '../../../packages/server/src/compaction/testing/encoder.ts'
export { versionOf } from '../../../packages/server/src/content/version.ts'

export type { RequestError } from '../../../packages/server/src/errors.ts'

/** Every route of an app with the routes of documents. */
export const ROUTES = routeTable([documentRoutes]).routes

/**
 * Whether an error is a refusal, checked by its name. Under Vitest this process loads the class twice, since
 * the source of `packages/documents` loads the built server.
 */
export const isRequestError = (error: unknown): error is RequestError =>
  error instanceof Error && error.name === 'RequestError'
