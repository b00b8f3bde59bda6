import { cp, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { expect, inject, test, vi } from 'vitest'
import { openBackend } from './backend.ts'

test('failures of the shape service in the same process get one line in the log', async () => {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'y-electric-backend-'))
  // A new folder would cost seconds of processor time.
  await cp(inject('pgliteTemplate'), dataDir, { recursive: true })
  const log = vi.spyOn(console, 'error').mockImplementation(() => {})
  const backend = await openBackend({ kind: 'pglite', dataDir, minFreeBytes: 0 })
  try {
    const { fetch, url } = backend.shapes
    await backend.pool.query('CREATE TABLE shown (id int PRIMARY KEY)')
    const away = () => Promise.reject(Object.assign(new Error('no database'), { code: '08006' }))
    vi.spyOn(backend.pool, 'query').mockImplementation(away)
    vi.spyOn(backend.pool, 'connect').mockImplementation(away)
    for (let i = 0; i < 2; i++) {
      const answer = await fetch?.(new Request(`${url}/v1/shape?table=shown&offset=-1`))
      expect(answer?.status).toBe(503)
    }
    expect(log.mock.calls).toEqual([[expect.stringContaining('y-electric embedded: 08006')]])
  } finally {
    vi.restoreAllMocks()
    await backend.close()
    await rm(dataDir, { recursive: true })
  }
})
