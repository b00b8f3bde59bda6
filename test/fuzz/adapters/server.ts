// Parts of the server that the fuzzers run millions of times in their own process; over HTTP it would be
// thousands.
export { randomDocument } from '../../../packages/server/src/compaction/testing/documents.ts'
export {
  type Parts,
  putTogether,
  takeApart,
} from '../../../packages/server/src/compaction/testing/encoder.ts'
export { judgeProposal, verifyFold } from '../../../packages/server/src/compaction/verify.ts'
export { buildDocument } from '../../../packages/server/src/content/build.ts'
export {
  FORMAT_NAMES,
  FORMATS,
  type Format,
  LINE_ENDS,
  ROOT_TYPES,
  type RootChoice,
  type RootType,
} from '../../../packages/server/src/content/formats.ts'
export { pendingOf } from '../../../packages/server/src/content/pending.ts'
export { readContent } from '../../../packages/server/src/content/read.ts'
export { listRoots } from '../../../packages/server/src/content/roots.ts'
export { statsOf } from '../../../packages/server/src/content/stats.ts'
export { anyHtml } from '../../../packages/server/src/content/testing/any-html.ts'
export { anyMarkdown } from '../../../packages/server/src/content/testing/any-markdown.ts'
export { verifyRows } from '../../../packages/server/src/content/verify/rows.ts'
export {
  differenceOf,
  restoration,
  versionOf,
} from '../../../packages/server/src/content/versions.ts'
export { type ContentFormat, writeContent } from '../../../packages/server/src/content/write.ts'
export { RequestError } from '../../../packages/server/src/errors.ts'
export { ROUTES } from '../../../packages/server/src/routes/table/index.ts'
