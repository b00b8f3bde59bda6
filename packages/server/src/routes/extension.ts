import type { Route } from './description.ts'
import type { JsonSchema } from './json-schema.ts'

/**
 * Routes that another package adds to the API. They are guarded like the server's own: `authorize` is
 * asked, limits and quotas hold, errors are answered alike, and the OpenAPI document describes them.
 */
export interface Extension {
  readonly routes: readonly Route[]
  /** The schemas that these routes name with `ref`, beside the server's own. */
  readonly schemas: Readonly<Record<string, JsonSchema>>
  /** Response headers of these routes that pages of other origins may read. */
  readonly exposedHeaders?: readonly string[]
}
