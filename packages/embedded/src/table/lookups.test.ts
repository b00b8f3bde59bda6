import { rm } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { openPglite } from '../database/openPglite.ts'
import { usedFolder } from '../testing/usedFolder.ts'
import { TableLookups } from './lookups.ts'

test('many lookups of one table take two statements, and the second one sees an alteration made before it', async () => {
  const dataDir = await usedFolder()
  const { pool, close } = await openPglite({ dataDir, durable: false })
  try {
    await pool.query('CREATE TABLE notes (id int PRIMARY KEY)')
    let statements = 0
    const counting = new Proxy(pool, {
      get(_pool, key) {
        if (key === 'query') statements += 1
        const value: unknown = Reflect.get(pool, key)
        return typeof value === 'function' ? value.bind(pool) : value
      },
    })
    const lookups = new TableLookups(counting)
    const name = { schema: 'public', name: 'notes' }
    const before = lookups.read(name)
    const altered = pool.query('ALTER TABLE notes ADD body text')
    const after = Array.from({ length: 20 }, () => lookups.read(name))
    await altered
    expect((await before)?.columns).toHaveLength(1)
    for (const table of await Promise.all(after)) expect(table?.columns).toHaveLength(2)
    expect(statements).toBe(2)
    expect(await lookups.read({ schema: 'public', name: 'missing' })).toBeUndefined()
  } finally {
    await close()
    await rm(dataDir, { recursive: true, force: true })
  }
})
