import { openApi } from '../../../src/api'

// The API opens its database with the first request: `next build` loads this file without one.
const handle = async (request: Request): Promise<Response> => (await openApi()).fetch(request)

export {
  handle as DELETE,
  handle as GET,
  handle as OPTIONS,
  handle as PATCH,
  handle as POST,
  handle as PUT,
}
