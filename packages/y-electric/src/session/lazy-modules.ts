/**
 * The parts of this package that are loaded when they are used. Each is one chunk of an app, or a few
 * that bundlers load at the same time.
 */
import { LazyModule } from '../io/lazy-module.ts'

export const presenceModule = /* @__PURE__ */ new LazyModule(
  'presence',
  () => import('./presence/presence.ts'),
)

/** One stream for many documents, and for all tabs of a browser. */
export const sharingModule = /* @__PURE__ */ new LazyModule(
  'sharing streams among documents and tabs',
  () => import('./sharing.ts'),
)

export const compactionModule = /* @__PURE__ */ new LazyModule(
  'compaction',
  () => import('../io/compactor.ts'),
)

/** `indexeddb()` and `memory()` bring it along; a store that the app has written does not. */
export const deviceModule = /* @__PURE__ */ new LazyModule(
  'persistence',
  () => import('./device/on-demand.ts'),
)

/**
 * Finds edits of another writer with the same client id. It loads while state is being read, and is
 * needed when a document that has content joins.
 */
export const twinsModule = /* @__PURE__ */ new LazyModule(
  'comparing the document with the server',
  () => import('./document/twin-judge.ts'),
)
