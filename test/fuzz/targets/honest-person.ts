import { randomUUID } from 'node:crypto'
import { statePath, updatesPath } from 'y-electric/protocol'
import * as Y from 'yjs'

/** The pause between two honest requests, in milliseconds. */
const PAUSE_MS = 50

/** Somebody who writes and reads at a human pace beside all that goes on. */
export interface HonestPerson {
  readonly requests: number
  /** The longest that a request took, in milliseconds. */
  readonly slowest: number
  /** What went wrong since the last call; null when nothing did. */
  takeProblem(): string | null
  close(): Promise<void>
}

export function openHonestPerson(port: number, docId = 'honest'): HonestPerson {
  const doc = new Y.Doc()
  let [requests, slowest, isOpen] = [0, 0, true]
  let problem: string | null = null
  const timed = async (path: string, init?: RequestInit) => {
    const began = performance.now()
    try {
      const response = await fetch(`http://127.0.0.1:${port}/api${path}`, init)
      await response.arrayBuffer()
      if (!response.ok) problem = `${init?.method ?? 'GET'} ${path}: ${response.status}`
    } catch (error) {
      if (isOpen) problem = `${path}: ${String(error)}`
    }
    slowest = Math.max(slowest, performance.now() - began)
    requests++
  }
  const live = async () => {
    while (isOpen) {
      const before = Y.encodeStateVector(doc)
      doc.getMap('map').set('key', requests)
      const body = Y.encodeStateAsUpdate(doc, before) as BodyInit
      const headers = {
        'content-type': 'application/octet-stream',
        'idempotency-key': randomUUID(),
      }
      await timed(updatesPath(docId), { method: 'POST', headers, body })
      if (requests % 16 === 0) await timed(statePath(docId))
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }
  const ended = live()
  return {
    get requests() {
      return requests
    },
    get slowest() {
      return slowest
    },
    takeProblem() {
      const taken = problem
      problem = null
      return taken
    },
    async close() {
      isOpen = false
      await ended
      doc.destroy()
    },
  }
}
