// Attacks of one attacker with a script on a server that allows every user. Each attack continues until its
// process is killed.
import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import * as encoding from 'lib0/encoding'
import {
  awarenessRowsPath,
  clientAwarenessPath,
  docPath,
  encodeFoldProposal,
  FOLD_MEDIA_TYPE,
  foldsPath,
  segmentPath,
  segmentsPath,
  statePath,
  updatesPath,
} from 'y-electric/protocol'
import * as Y from 'yjs'

/**
 * @param api the mount point
 * @param attacking called when the preparation is done and the attack begins
 */
type Attack = (api: string, attacking: () => void) => Promise<void>

export const ATTACKS = {
  /** Imports of a few dozen bytes with 300,000 structs, and reads of the imported documents. */
  'struct bombs': async (api, attacking) => {
    const bomb = structBomb(300_000)
    attacking()
    await inParallel(2, async () => {
      const path = docPath(`bomb-${randomUUID()}`)
      await send(api, 'PUT', path, bomb, 'application/vnd.yjs.update-v2')
      await send(api, 'GET', `${path}?format=json`)
      await send(api, 'POST', `${path}/versions`, Buffer.from('{"label":"x"}'), 'application/json')
    })
  },

  /** Reads of a document of 64 updates of 1 MB. */
  'large reads': async (api, attacking) => {
    const docId = await largeDocument(api)
    attacking()
    await inParallel(4, () => send(api, 'GET', statePath(docId)))
  },

  /** Readers of such a document that disconnect right after their request. */
  'hung-up readers': async (api, attacking) => {
    const docId = await largeDocument(api)
    attacking()
    await inParallel(50, async () => {
      const aborter = new AbortController()
      setTimeout(() => aborter.abort(), 100)
      await send(api, 'GET', `${docPath(docId)}?format=html`, null, '', aborter.signal)
    })
  },

  /** Folds with proposals that take long to compare and are refused. */
  'slow folds': async (api, attacking) => {
    const proposal = encodeFoldProposal({ throughSegment: 0, data: structBomb(300_000) })
    attacking()
    await inParallel(3, async () => {
      const docId = `folds-${randomUUID()}`
      for (let edit = 0; edit < 20; edit++) await append(api, docId, 2_000)
      await send(api, 'POST', segmentsPath(docId), Buffer.from('{"active":0}'), 'application/json')
      await send(api, 'POST', foldsPath(docId), proposal, FOLD_MEDIA_TYPE)
    })
  },

  /** Uploads that send a byte from time to time. */
  'slow uploads': async (api, attacking) => {
    const { hostname, port, pathname } = new URL(api)
    attacking()
    await inParallel(40, () => {
      const socket = connect(Number(port), hostname)
      const path = `${pathname}${updatesPath('slow')}`
      socket.write(
        `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/octet-stream\r\nidempotency-key: ${randomUUID()}\r\ncontent-length: 1000000\r\n\r\n`,
      )
      socket.write(Buffer.alloc(900_000, 1))
      const timer = setInterval(() => socket.write(Buffer.of(1)), 500)
      return new Promise((resolve) => {
        socket.on('error', () => {})
        socket.once('close', () => {
          clearInterval(timer)
          resolve(undefined)
        })
      })
    })
  },

  /** Presence of many clients in one document, as fast as the server accepts it. */
  'presence flood': async (api, attacking) => {
    let client = 1
    attacking()
    await inParallel(16, async () => {
      const path = clientAwarenessPath('crowd', ++client)
      await send(api, 'PUT', path, presenceOf(client), 'application/octet-stream')
      if (client % 100 === 0) await send(api, 'GET', awarenessRowsPath('crowd'))
    })
  },

  /** Requests that are refused. */
  'forbidden requests': async (api, attacking) => {
    attacking()
    await inParallel(16, async () => {
      await send(api, 'POST', updatesPath('x'), Buffer.of(1, 2, 3), 'application/octet-stream')
      await send(api, 'GET', '/docs/%00/state')
      await send(api, 'DELETE', '/nowhere')
    })
  },

  /** Shape requests with handles and offsets that the server never issued. */
  'hostile offsets': async (api, attacking) => {
    let round = 0
    attacking()
    await inParallel(16, async () => {
      const path = segmentPath(`doc-${round % 50}`, 0)
      await send(api, 'GET', `${path}?offset=${++round}_0&handle=${round}-1&live=true`)
      await send(api, 'GET', `${path}?offset=-1`)
    })
  },
} as const satisfies Record<string, Attack>

export type AttackName = keyof typeof ATTACKS

/** Repeats an action without end, several at a time, and ignores the results. */
async function inParallel(times: number, act: () => Promise<unknown>): Promise<void> {
  await Promise.all(
    Array.from({ length: times }, async () => {
      for (;;) {
        await act().catch(() => {})
        // Without this pause, requests that fail at once would block this process.
        await new Promise((resolve) => setImmediate(resolve))
      }
    }),
  )
}

async function send(
  api: string,
  method: string,
  path: string,
  body: Uint8Array | null = null,
  type = '',
  signal: AbortSignal | null = null,
): Promise<void> {
  const headers = {
    ...(type === '' ? {} : { 'content-type': type }),
    'idempotency-key': randomUUID(),
  }
  const init = { method, headers, signal, body: body as BodyInit | null }
  const response = await fetch(`${api}${path}`, init)
  await response.arrayBuffer()
}

function append(api: string, docId: string, size: number): Promise<void> {
  const doc = new Y.Doc()
  doc.getText('text').insert(0, 'x'.repeat(size))
  const update = Y.encodeStateAsUpdate(doc)
  doc.destroy()
  return send(api, 'POST', updatesPath(docId), update, 'application/octet-stream')
}

async function largeDocument(api: string): Promise<string> {
  const docId = `large-${randomUUID()}`
  for (let edit = 0; edit < 64; edit++) await append(api, docId, 1_000_000)
  return docId
}

/** A v2 update of few bytes and many structs, which run-length coding makes small. */
function structBomb(count: number): Uint8Array {
  const encoder = new Y.UpdateEncoderV2()
  const writeNumber = (value: number) => {
    encoder.resetDsCurVal()
    encoder.writeDsClock(value)
  }
  writeNumber(1)
  writeNumber(count)
  encoder.writeClient(1)
  writeNumber(0)
  for (let clock = 0; clock < count; clock++) {
    // Yjs never merges shared types into one struct, unlike text.
    encoder.writeInfo(0x07 | (clock === 0 ? 0 : 0x80))
    if (clock === 0) {
      encoder.writeParentInfo(true)
      encoder.writeString('array')
    } else encoder.writeLeftID(Y.createID(1, clock - 1))
    encoder.writeTypeRef(1)
  }
  writeNumber(0)
  return encoder.toUint8Array()
}

function presenceOf(client: number): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, 1)
  encoding.writeVarUint(encoder, client)
  encoding.writeVarUint(encoder, 1)
  encoding.writeVarString(encoder, '{"user":{"name":"x"}}')
  return encoding.toUint8Array(encoder)
}
