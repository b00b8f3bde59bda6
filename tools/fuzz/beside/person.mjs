// An honest client in a separate process, which writes and reads at a human pace during the fuzzing.
import { randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import * as Y from 'yjs'

/** The pause between two requests, in milliseconds. */
const PAUSE_MS = 50
/** The number of writes between two reads of the whole document. */
const WRITES_PER_READ = 16

const [updates, state] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true })
const doc = new Y.Doc()
let isOpen = true

const now = () => Number(process.hrtime.bigint()) / 1e6

/**
 * @param {string} url
 * @param {{ method: string, headers?: Record<string, string> }} options
 * @param {Uint8Array} [body]
 * @returns {Promise<number>} the status, after the complete answer
 */
const ask = (url, options, body) =>
  new Promise((resolve, reject) => {
    const asked = request(url, { ...options, agent }, (answer) => {
      answer.on('error', reject)
      answer.on('end', () => resolve(answer.statusCode ?? 0))
      answer.resume()
    })
    asked.on('error', reject)
    asked.end(body)
  })

/** @type {typeof ask} */
const timed = async (url, options, body) => {
  const from = now()
  /** @type {string | null} */
  let problem = null
  const status = await ask(url, options, body).catch((error) => {
    problem = `${options.method} ${url}: ${error}`
    return 0
  })
  if (status >= 300) problem = `${options.method} ${url}: ${status}`
  if (isOpen) process.send?.({ from, until: now(), problem })
  return status
}

process.on('disconnect', () => process.exit(0))
process.on('message', () => {
  isOpen = false
  process.disconnect()
})

for (let writes = 1; isOpen; writes++) {
  const before = Y.encodeStateVector(doc)
  doc.getMap('map').set('key', writes)
  const headers = {
    'content-type': 'application/octet-stream',
    'idempotency-key': randomUUID(),
  }
  await timed(updates, { method: 'POST', headers }, Y.encodeStateAsUpdate(doc, before))
  if (writes % WRITES_PER_READ === 0) await timed(state, { method: 'GET' })
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
}
