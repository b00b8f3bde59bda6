import { RequestError } from '@y-electric/server'
import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { negotiate } from './negotiation.ts'

const offers = [
  { name: 'stats', mediaType: 'application/json' },
  { name: 'json', mediaType: 'application/json' },
  { name: 'text', mediaType: 'text/plain; charset=utf-8' },
  { name: 'html', mediaType: 'text/html; charset=utf-8' },
  { name: 'update', mediaType: 'application/vnd.yjs.update-v1' },
]

async function chosen(accept: string | null): Promise<string> {
  const app = new Hono()
  app.get('/', (c) => c.text(negotiate(c, offers).name))
  app.onError((error, c) => c.text(error instanceof RequestError ? error.code : String(error)))
  const headers: Record<string, string> = accept === null ? {} : { accept }
  return (await app.request('/', { headers })).text()
}

describe('the format for a client that accepts', () => {
  test.each([
    [null, 'stats'],
    ['*/*', 'stats'],
    ['application/json', 'stats'],
    ['text/html', 'html'],
    ['TEXT/HTML', 'html'],
    ['text/*', 'text'],
    ['application/*', 'stats'],
    // Browsers send this.
    ['text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8', 'html'],
    ['text/plain;q=0.5, text/html;q=0.6', 'html'],
    ['text/plain;q=0.5, text/html;q=0.5', 'text'],
    // The most specific range decides, in any position.
    ['text/*, text/plain;q=0.1', 'html'],
    ['text/plain;q=0.1, text/*', 'html'],
    ['*/*, application/json;q=0', 'text'],
    ['*/*;q=0.1, text/*;q=0, application/vnd.yjs.update-v1', 'update'],
    ['image/png, */*;q=0.01', 'stats'],
    ['application/vnd.yjs.update-v1;q=0.001', 'update'],
    // Parameters of a type do not make it another one.
    ['text/html;level=1', 'html'],
    [' text/html ; q=1.0 ', 'html'],
    ['image/png', 'not_acceptable'],
    ['*/*;q=0', 'not_acceptable'],
    ['text/html;q=0', 'not_acceptable'],
    ['nonsense', 'not_acceptable'],
    [',', 'not_acceptable'],
  ])('%j is %s', async (accept, name) => {
    expect(await chosen(accept)).toBe(name)
  })
})
