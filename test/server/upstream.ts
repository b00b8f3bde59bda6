// A shape service that a test controls. It records the requests that it receives.
import type { ShapeSource } from '@y-electric/server'

export interface Upstream {
  readonly source: ShapeSource
  readonly requests: readonly Request[]
  /** Answers the next requests, one each; later ones get an empty shape. */
  next(...answers: ((request: Request) => Promise<Response> | Response)[]): void
}

export function createUpstream(source: Partial<ShapeSource> = {}): Upstream {
  const requests: Request[] = []
  const answers: ((request: Request) => Promise<Response> | Response)[] = []
  return {
    source: {
      url: 'http://electric.test:3000/base',
      ...source,
      fetch: async (request) => {
        requests.push(request)
        return answers.shift()?.(request) ?? emptyShape()
      },
    },
    requests,
    next: (...more) => void answers.push(...more),
  }
}

export const emptyShape = (headers: Record<string, string> = {}): Response =>
  Response.json([{ headers: { control: 'up-to-date' } }], {
    headers: {
      'electric-handle': 'h-1',
      'electric-offset': '0_0',
      'electric-schema': '{}',
      'electric-up-to-date': '',
      'cache-control': 'public, max-age=604800, s-maxage=3600, stale-while-revalidate=2629746',
      etag: '"h-1:-1:0_0"',
      ...headers,
    },
  })
