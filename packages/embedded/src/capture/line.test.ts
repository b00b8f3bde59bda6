import { expect, test } from 'vitest'
import { Line } from './line.ts'

function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

test('a step runs within the call if no other step is running', () => {
  const line = new Line()
  const done: number[] = []
  line.push(() => {
    // A step that another step pushes runs after it.
    line.push(() => void done.push(2))
    done.push(1)
  })
  expect(done).toEqual([1, 2])
  expect(line.isBusy).toBe(false)
})

test('steps wait for an asynchronous step and keep their order', async () => {
  const line = new Line()
  const done: string[] = []
  const { opened, open } = gate()
  line.push(() => opened.then(() => void done.push('first')))
  line.push(() => void done.push('second'))
  const third = line.ask(() => [...done])
  expect(line.isBusy).toBe(true)
  expect(done).toEqual([])
  open()
  expect(await third).toEqual(['first', 'second'])
})

test('a failing step does not block the steps after it', async () => {
  const line = new Line()
  await expect(line.ask(() => Promise.reject(new Error('slow')))).rejects.toThrow('slow')
  await expect(
    line.ask(() => {
      throw new Error('at once')
    }),
  ).rejects.toThrow('at once')
  const thrown = () =>
    line.push(() => {
      throw new Error('thrown')
    })
  line.push(() => Promise.reject(new Error('unheard')))
  expect(await line.ask(() => 'after')).toBe('after')
  await line.ask(() => {})
  await new Promise(setImmediate)
  expect(thrown).toThrow('thrown')
  expect(await line.ask(() => 'still')).toBe('still')
})
