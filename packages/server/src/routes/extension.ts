import type { Route } from './description.ts'
import type { NamedSchemas } from './json-schema.ts'

/**
 * Routes that another package adds to the API. They are guarded like the server's own: `authorize` is
 * called, limits and quotas apply, errors are answered the same way, and the OpenAPI document describes them.
 */
export interface Extension {
  readonly routes: readonly Route[]
  /** The schemas of these routes that the OpenAPI document names, in addition to the server's own. */
  readonly schemas: NamedSchemas
  /** Response headers of these routes that pages of other origins may read. */
  readonly exposedHeaders?: readonly string[]
}
