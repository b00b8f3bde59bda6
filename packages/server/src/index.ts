export { type AppOptions, createApp } from './app.ts'
export {
  type Action,
  type AuthorizationRequest,
  type Authorize,
  allowAll,
  type Decision,
} from './auth.ts'
export { RequestError } from './errors.ts'
export { DEFAULT_LIMITS, type Limits } from './limits.ts'
export type { ShapeSource } from './shapes.ts'
export { migrate } from './store/index.ts'
