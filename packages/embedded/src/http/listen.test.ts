import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { type Listening, listen } from './listen.ts'

const opened: { readonly server: Listening; readonly sockets: Socket[] }[] = []
afterEach(async () => {
  for (const { server, sockets } of opened.splice(0)) {
    for (const socket of sockets) socket.destroy()
    await server.close()
  }
})

type Handle = (request: Request) => Promise<Response>

/** A server, and a connection to it that has sent this text. */
async function connected(handle: Handle, text: string) {
  const server = await listen(handle, { host: '127.0.0.1', port: 0 })
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  opened.push({ server, sockets: [socket] })
  socket.on('error', () => {})
  const received: string[] = []
  socket.on('data', (chunk) => received.push(String(chunk)))
  const ended = once(socket, 'close')
  socket.write(text)
  return { socket, ended, text: () => received.join('') }
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`

describe('requests that a client sends without waiting for the answers', () => {
  test('are handled one after the other, in order', async () => {
    const [started, answers]: [string[], (() => void)[]] = [[], []]
    const handle: Handle = (request) =>
      new Promise((resolve) => {
        const { pathname } = new URL(request.url)
        started.push(pathname)
        answers.push(() => resolve(new Response(`answer to ${pathname}`)))
      })
    const { text } = await connected(handle, get('/1') + get('/2') + get('/3'))
    for (const path of ['/1', '/2', '/3']) {
      await expect.poll(() => started.at(-1)).toBe(path)
      answers.shift()?.()
      await expect.poll(() => text()).toContain(`answer to ${path}`)
    }
    expect(started).toEqual(['/1', '/2', '/3'])
  })

  test('are not handled after their connection has closed', async () => {
    const seen: AbortSignal[] = []
    const handle: Handle = ({ signal }) => {
      seen.push(signal)
      return new Promise(() => {})
    }
    const { socket } = await connected(handle, get('/').repeat(5))
    await expect.poll(() => seen).not.toHaveLength(0)
    socket.destroy()
    await expect.poll(() => seen[0]?.aborted).toBe(true)
    await new Promise(setImmediate)
    expect(seen).toHaveLength(1)
  })

  test('close their connection if too many wait, and only the first is handled', async () => {
    let handled = 0
    const handle: Handle = () => {
      handled++
      return new Promise(() => {})
    }
    const { ended } = await connected(handle, get('/').repeat(1_000))
    await ended
    expect(handled).toBe(1)
  })
})

test('a request with an invalid target closes its connection, and other requests are answered', async () => {
  const handle: Handle = async () => new Response('fine')
  const { ended } = await connected(handle, get('//['))
  await ended
  const [first] = opened
  expect(await (await fetch(first?.server.url ?? '')).text()).toBe('fine')
})
