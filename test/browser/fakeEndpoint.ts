// An OpenAI-compatible endpoint in this process, which streams what a test sends, word by word.
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FakeEndpoint {
  readonly origin: string
  /** The authorization and the messages of each request, in order. */
  readonly asked: readonly { readonly key: string; readonly messages: string }[]
  /** Streams a piece to the request that came last. */
  say(piece: string): void
  /** Ends the answer, as a model that has said everything. */
  finish(): void
  /** Closes the connection in the middle of the answer. */
  cut(): void
  /** The next request is answered with this status and message. */
  refuseNext(status: number, message: string): void
  stop(): Promise<void>
}

const event = (content: string, finish: string | null): string =>
  `data: ${JSON.stringify({ choices: [{ delta: { content }, finish_reason: finish }] })}\n\n`

export async function startFakeEndpoint(): Promise<FakeEndpoint> {
  const asked: { key: string; messages: string }[] = []
  let last: ServerResponse | undefined
  let refusal: { status: number; message: string } | undefined
  const server = createServer((request, response) => {
    response.setHeader('access-control-allow-origin', '*')
    response.setHeader('access-control-allow-headers', 'authorization, content-type')
    if (request.method === 'OPTIONS') {
      response.end()
      return
    }
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      if (refusal !== undefined) {
        const { status, message } = refusal
        refusal = undefined
        response.writeHead(status).end(JSON.stringify({ error: { message } }))
        return
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
      last = response
      asked.push({ key: request.headers.authorization ?? '', messages: body })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    say: (piece) => void last?.write(event(piece, null)),
    finish: () => void last?.end(`${event('', 'stop')}data: [DONE]\n\n`),
    cut: () => void last?.end(),
    refuseNext(status, message) {
      refusal = { status, message }
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
