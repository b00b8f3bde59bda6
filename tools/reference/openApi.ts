import { documentRoutes } from '@y-electric/documents'
import { allowAll, createApp } from '@y-electric/server'
import pg from 'pg'
import type { OpenApi } from './http.ts'

/** What the server says of its routes. It needs no database for that. */
export async function readOpenApi(): Promise<OpenApi> {
  const app = createApp({
    extensions: [documentRoutes],
    pool: new pg.Pool({ max: 1 }),
    shapes: { url: 'http://nowhere.invalid' },
    authorize: allowAll,
  })
  const response = await app.request('/openapi.json')
  return (await response.json()) as OpenApi
}
