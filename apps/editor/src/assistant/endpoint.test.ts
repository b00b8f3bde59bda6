// A real HTTP server that behaves like an OpenAI-compatible endpoint, well or badly.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { byEndpoint, messagesOf } from './endpoint.ts'

let server: Server
let baseUrl: string
let answer: (response: ServerResponse, request: IncomingMessage, body: string) => void

beforeEach(async () => {
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => answer(response, request, body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/`
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const chunk = (content: string, finish: string | null = null): string =>
  `data: ${JSON.stringify({ choices: [{ delta: { content }, finish_reason: finish }] })}\n\n`
const stream = (response: ServerResponse) =>
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })

async function ask(signal = new AbortController().signal, stallMs = 10_000): Promise<string> {
  const source = byEndpoint({ baseUrl, model: 'small', key: 'secret' }, stallMs)
  let text = ''
  for await (const piece of source('Greet.', { document: 'Hi.', written: '' }, signal))
    text += piece
  return text
}

test('a streamed answer arrives in order, whatever the pieces of the transport', async () => {
  let asked: unknown
  answer = (response, request, body) => {
    asked = [request.method, request.url, request.headers.authorization, JSON.parse(body)]
    stream(response)
    const bytes = Buffer.from(
      `: a comment\n\n${chunk('Gr')}${chunk('üß')}${chunk(' Gott', 'stop')}data: [DONE]\n\n`,
    )
    // The cut is in the middle of a letter.
    const cut = bytes.indexOf(Buffer.from('ü')) + 1
    response.write(bytes.subarray(0, cut), () => response.end(bytes.subarray(cut)))
  }
  expect(await ask()).toBe('Grüß Gott')
  expect(asked).toEqual([
    'POST',
    '/v1/chat/completions',
    'Bearer secret',
    {
      model: 'small',
      stream: true,
      messages: messagesOf('Greet.', { document: 'Hi.', written: '' }),
    },
  ])
})

test('an endpoint that does not stream is accepted', async () => {
  answer = (response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ choices: [{ message: { content: 'At once.' } }] }))
  }
  expect(await ask()).toBe('At once.')
})

describe('a failure is explained in a sentence:', () => {
  test.each<[string, (response: ServerResponse) => void, string]>([
    [
      'a refused key',
      (response) => response.writeHead(401).end('{"error": {"message": "Wrong key."}}'),
      'refuses the key (401). Check the key in the settings. It says: Wrong key.',
    ],
    ['too many requests', (response) => response.writeHead(429).end(), '(429)'],
    ['an error page', (response) => response.writeHead(502).end('<html>'), 'status 502.'],
    ['another kind of page', (response) => response.end('<html>'), 'not a stream of events'],
    [
      'an error within the stream',
      (response) =>
        stream(response).end(`${chunk('So')}data: {"error": {"message": "No memory."}}\n\n`),
      'The endpoint failed: No memory.',
    ],
    [
      'a stream that is cut',
      (response) => stream(response).end(chunk('So')),
      'in the middle of its answer',
    ],
    [
      'a redirect, which could lead elsewhere',
      (response) => response.writeHead(307, { location: 'http://evil.test/' }).end(),
      'cannot be reached',
    ],
  ])('%s', async (_name, respond, message) => {
    answer = respond
    await expect(ask()).rejects.toThrow(message)
  })

  test('no server at the address', async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await expect(ask()).rejects.toThrow('cannot be reached')
  })

  test('an endpoint that stalls is given up', async () => {
    answer = (response) => stream(response).write(chunk('So'))
    await expect(ask(undefined, 50)).rejects.toThrow('sent nothing for')
  })
})

test('a signal closes the connection to the endpoint', async () => {
  const stop = new AbortController()
  const closed = new Promise<void>((resolve) => {
    answer = (response) => {
      response.once('close', resolve)
      stream(response).write(chunk('So'), () => stop.abort())
    }
  })
  await expect(ask(stop.signal)).rejects.toThrow()
  await closed
})

test('an interrupted answer is continued from its end, and a long document is cut', () => {
  const messages = messagesOf('Greet.', { document: 'x'.repeat(100_000), written: 'Dear' })
  expect(messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user'])
  expect(messages[2]?.content).toBe('Dear')
  expect(messages[1]?.content.length).toBeLessThan(61_000)
})
