// The server's store, for the suite that compares the database double with Postgres.
export { DEFAULT_LIMITS } from '../../../packages/server/src/limits.ts'
export { putPresence } from '../../../packages/server/src/store/awareness.ts'
export * from '../../../packages/server/src/store/index.ts'
export { appendUpdate } from '../../../packages/server/src/store/updates.ts'
