import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { presenceMessage } from './presence-message.ts'

const row = (value: unknown, operation = 'insert') => ({ headers: { operation }, value })

describe('presenceMessage', () => {
  test('reads control messages', () => {
    const control = (name: string) => presenceMessage({ headers: { control: name } })
    expect(control('up-to-date')).toEqual({ type: 'caught-up' })
    expect(control('must-refetch')).toEqual({ type: 'restart' })
    expect(control('snapshot-end')).toEqual({ type: 'ignore' })
  })

  test.each(['insert', 'update'])('reads a row as present: %s', (operation) => {
    const message = row({ client_id: '7', data: '\\x0aff' }, operation)
    const update = new Uint8Array([10, 255])
    expect(presenceMessage(message)).toEqual({ type: 'here', clientId: 7, update })
  })

  test('reads a delete, which names only the key, as gone', () => {
    const message = row({ doc_id: 'd', client_id: '4294967295' }, 'delete')
    expect(presenceMessage(message)).toEqual({ type: 'gone', clientId: 2 ** 32 - 1 })
  })

  test('ignores an update that does not name the data column', () => {
    expect(presenceMessage(row({ client_id: '7' }, 'update'))).toEqual({ type: 'ignore' })
  })

  test.each([null, '', 'x', '1.5', '-1', '4294967296', true, [[]], [['7']], {}, undefined])(
    'ignores a row with an invalid client id: %j',
    (clientId) => {
      for (const operation of ['insert', 'delete']) {
        const message = row({ client_id: clientId, data: '\\x00' }, operation)
        expect(presenceMessage(message)).toEqual({ type: 'ignore' })
      }
    },
  )

  test('never throws, whatever the input', () => {
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
