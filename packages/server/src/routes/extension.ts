import type { Route } from './description.ts'
import type { JsonSchema } from './json-schema.ts'

/**
 * Routes that another package adds to the API. They are guarded like the server's own: `authorize` is
 * called, limits and quotas apply, errors are answered the same way, and the OpenAPI document describes them.
 */
export interface Extension {
  readonly routes: readonly Route[]
  /** The schemas that these routes refer to with `ref`, in addition to the server's own. */
  readonly schemas: Readonly<Record<string, JsonSchema>>
  /** Response headers of these routes that pages of other origins may read. */
  readonly exposedHeaders?: readonly string[]
}
