// Requests of the lists that clients follow.
import { Shape, ShapeStream } from '@electric-sql/client'
import { expect } from 'vitest'
import type { TestServer } from '../e2e/server.ts'

type Row = Readonly<Record<string, unknown>>

interface Message {
  readonly headers: { readonly operation?: string }
  readonly value: Row
}

/** A list that is followed. */
export interface Followed {
  readonly rows: () => readonly Row[]
  /** The changes so far. */
  readonly messages: readonly unknown[]
}

/** The requests of one server. */
export interface Lists {
  json(method: string, path: string, body?: object): Promise<Response>
  setTitle(docId: string, title: string | null, onlyNew?: boolean): Promise<Response>
  /** The rows of one catch-up. */
  catchUp(path: string): Promise<Row[]>
  /** Follows a list with Electric's own client, until `signal` is aborted. */
  follow(path: string, signal: AbortSignal, liveSse?: boolean): Followed
}

export function listsOf({ url }: Pick<TestServer, 'url'>): Lists {
  const json: Lists['json'] = (method, path, body) =>
    fetch(`${url}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  return {
    json,
    setTitle: (docId, title, onlyNew) => json('PUT', `/docs/${docId}/title`, { title, onlyNew }),
    async catchUp(path) {
      const response = await fetch(`${url}${path}${path.includes('?') ? '&' : '?'}offset=-1`)
      expect(response.status).toBe(200)
      const messages = (await response.json()) as Message[]
      return messages
        .filter(({ headers }) => headers.operation === 'insert')
        .map(({ value }) => value)
    },
    follow(path, signal, liveSse = true) {
      const stream = new ShapeStream({ url: `${url}${path}`, liveSse, signal, onError: () => {} })
      const messages: unknown[] = []
      stream.subscribe((batch) => {
        messages.push(...batch.filter(({ headers }) => 'operation' in headers))
      })
      const shape = new Shape(stream as unknown as ConstructorParameters<typeof Shape>[0])
      return { rows: () => shape.currentRows, messages }
    },
  }
}
