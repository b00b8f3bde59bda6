import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { presenceMessage } from './presence-message.ts'

const row = (value: unknown, operation = 'insert') => ({ headers: { operation }, value })

describe('presenceMessage', () => {
  test('reads controls', () => {
    const control = (name: string) => presenceMessage({ headers: { control: name } })
    expect(control('up-to-date')).toEqual({ type: 'caught-up' })
    expect(control('must-refetch')).toEqual({ type: 'restart' })
    expect(control('snapshot-end')).toEqual({ type: 'ignore' })
  })

  test.each(['insert', 'update'])('somebody is here: %s', (operation) => {
    const message = row({ client_id: '7', data: '\\x0aff' }, operation)
    const update = new Uint8Array([10, 255])
    expect(presenceMessage(message)).toEqual({ type: 'here', clientId: 7, update })
  })

  test('somebody is gone: a delete names only the key', () => {
    const message = row({ doc_id: 'd', client_id: '4294967295' }, 'delete')
    expect(presenceMessage(message)).toEqual({ type: 'gone', clientId: 2 ** 32 - 1 })
  })

  test('an update that names no data is no news of anybody', () => {
    expect(presenceMessage(row({ client_id: '7' }, 'update'))).toEqual({ type: 'ignore' })
  })

  test.each([null, '', 'x', '1.5', '-1', '4294967296', true, [[]], [['7']], {}, undefined])(
    'a client id that is none shows and hides nobody: %j',
    (clientId) => {
      for (const operation of ['insert', 'delete']) {
        const message = row({ client_id: clientId, data: '\\x00' }, operation)
        expect(presenceMessage(message)).toEqual({ type: 'ignore' })
      }
    },
  )

  test('whatever comes, it never throws', () => {
    const odd = fc.oneof(
      fc.anything(),
      fc.record({
        client_id: fc.oneof(fc.anything(), fc.integer().map(String)),
        data: fc.oneof(fc.string(), fc.anything()),
      }),
    )
    const header = fc.oneof(fc.anything(), fc.constantFrom('insert', 'update', 'delete'))
    fc.assert(
      fc.property(odd, header, header, (value, operation, control) => {
        const { type } = presenceMessage({ value, headers: { operation, control } })
        expect(['here', 'gone', 'ignore']).toContain(type)
      }),
    )
  })
})
