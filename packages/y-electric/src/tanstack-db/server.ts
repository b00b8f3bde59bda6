import { ElectricProviderError } from '../errors.ts'
import { errorOfResponse } from '../io/answers.ts'
import { createHttp } from '../io/http.ts'
import { systemPlatform } from '../io/platform.ts'
import { parseApiUrl } from '../io/url.ts'
import { parseErrorBody } from '../protocol/error-codes.ts'
import type { CollectionOptions } from './options.ts'

/** How long a write may take, in milliseconds. Keeping a version rebuilds the document. */
const DEADLINE_MS = 30_000

/** The server of a collection. */
export interface Server {
  /** The absolute URL of a path of the protocol. */
  at(path: string): string
  /** Sends the requests of Electric's client, with the app's headers. */
  readonly fetch: typeof fetch
  /** Changes something. @returns the answer as JSON @throws {ElectricProviderError} */
  change(method: 'PUT' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<unknown>
}

/** @throws {ElectricProviderError} `invalid_request`, if `url` is no address of a server */
export function serverOf({ url, headers, fetch: customFetch }: CollectionOptions): Server {
  const { at } = parseApiUrl(url)
  const http = createHttp({ headers, fetch: customFetch, platform: systemPlatform })
  return {
    at,
    fetch: (input, init) =>
      http.send(input instanceof Request ? input.url : String(input), { ...init }),
    async change(method, path, body) {
      const content =
        body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
      const response = await http.send(at(path), { method, ...content, deadlineMs: DEADLINE_MS })
      if (!response.ok) throw await errorOfResponse(response)
      return response.json()
    },
  }
}

/** A refusal that Electric's client received, as an error of this package. */
export function errorOfRefusal(refusal: Error): ElectricProviderError {
  if (refusal instanceof ElectricProviderError) return refusal
  const { status, json } = refusal as { status?: unknown; json?: unknown }
  const body = parseErrorBody(json)
  const about = { cause: refusal, ...(typeof status === 'number' && { status }) }
  if (body !== null) return new ElectricProviderError(body.code, body.message, about)
  return new ElectricProviderError('bad_response', refusal.message, about)
}
