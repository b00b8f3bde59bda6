import type { Extension } from '@y-electric/server'
import { LOSSES_HEADER } from '../content/losses.ts'
import { SCHEMAS } from '../schemas/index.ts'
import { DOCUMENT_ROUTES } from './table/documents.ts'
import { VERSION_ROUTES } from './table/versions.ts'

/**
 * The routes of whole documents, for `createApp`: read and export, import and seed, verify, copy, compare
 * and restore. `createApp({ ..., extensions: [documentRoutes] })`
 */
export const documentRoutes: Extension = {
  routes: [...DOCUMENT_ROUTES, ...VERSION_ROUTES],
  schemas: SCHEMAS,
  exposedHeaders: [LOSSES_HEADER],
}
