// The main property: with any faults of the network, and with rolls and folds at any time, no edit is lost,
// and all clients get the same document.
//
//   Y_ELECTRIC_SEED=… npx vitest run --project integration test/simulation    one run again
//   Y_ELECTRIC_DEEP=1 npx vitest run --project integration test/simulation    many runs
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type * as Y from 'yjs'
import { createDeleteSetFromStructStore, equalDeleteSets, getState, mergeDeleteSets } from 'yjs'
import { openClient, type TestClient } from '../e2e/client.ts'
import { eventually } from '../e2e/eventually.ts'
import { foldBySql } from '../e2e/fold.ts'
import { createGate, type Gate } from '../e2e/gate.ts'
import {
  type BackendName,
  DOCUMENT_BACKENDS,
  freshDocId,
  readStored,
  readUpdateRows,
  roll,
  serveApp,
  type TestServer,
  useBackend,
} from '../e2e/server.ts'
import { artifactPath } from '../harness/artifacts.ts'
import { isDeep } from '../harness/deep.ts'
import { noteFigure } from '../harness/figures.ts'
import { expectConverged, rebuild } from '../harness/oracle.ts'
import { pickBelow, seededRandom } from '../harness/random.ts'
import { editAtRandom } from './edits.ts'
import { makeFaulty } from './faults.ts'

const chosenSeed = process.env.Y_ELECTRIC_SEED
/**
 * The simulator does many more runs, in virtual time. This test uses the real parts that the simulator
 * replaces: HTTP, SQL and the shape service.
 */
const RUNS = 2

type Step =
  | { readonly type: 'edit' | 'connect' | 'disconnect'; readonly who: number }
  | { readonly type: 'cut'; readonly who: number; readonly how: 'reset' | 'end' }
  | { readonly type: 'roll' | 'fold' | 'forget shapes' }
  | { readonly type: 'wait'; readonly ms: number }

const who = fc.nat({ max: 4 })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ type: fc.constant('edit' as const), who }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.nat(12) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('cut' as const),
      who,
      how: fc.constantFrom('reset' as const, 'end' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constantFrom('connect' as const, 'disconnect' as const), who }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constantFrom('roll' as const, 'fold' as const, 'forget shapes' as const),
    }),
  },
)

const scenario = fc.record({
  people: fc.integer({ min: 3, max: 5 }),
  chance: fc.nat(),
  faults: fc.constantFrom(0.1, 0.3, 0.5),
  steps: fc.array(step, { minLength: 30, maxLength: 90, size: 'max' }),
})
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never

interface Person extends TestClient {
  readonly gate: Gate
  readonly heal: () => void
}

describe.each(DOCUMENT_BACKENDS)('on %s', (name) => {
  const backend = useBackend(name)
  let server: TestServer
  let slowestMs = 0

  beforeAll(async () => {
    server = await serveApp({ backend: backend.current, onError: () => {} })
    return () => server.close()
  })

  test('nothing is lost, everything is stored once, and all converge', async () => {
    const seed = chosenSeed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(chosenSeed)
    const property = fc.asyncProperty(scenario, (one) => live(one, name))
    const outcome = await fc.check(property, {
      seed,
      numRuns: isDeep ? 300 : RUNS,
      // A run in real time cannot be shrunk, because a smaller scenario runs differently.
      endOnFailure: true,
    })
    // Deep runs tolerate a busy machine, so only this figure shows a stall of the client itself.
    await noteFigure(`simulation on ${name}, slowest to converge`, `${Math.round(slowestMs)} ms`)
    if (!outcome.failed) return
    const rerun = `Y_ELECTRIC_SEED=${seed} npx vitest run --project integration test/simulation -t ${name}`
    throw new Error(
      `run ${outcome.numRuns} of seed ${seed} failed; again:\n  ${rerun}\n${String(outcome.errorInstance)}\n${JSON.stringify(outcome.counterexample)}`,
      { cause: outcome.errorInstance },
    )
  })

  async function live({ people, chance, faults, steps }: Scenario, on: BackendName) {
    const docId = freshDocId('simulation')
    const random = seededRandom(chance)
    const all: Person[] = Array.from({ length: people }, (_, i) => {
      const gate = createGate()
      const heal = makeFaulty(gate, seededRandom(chance + i + 1), faults)
      const client = openClient({
        url: server.url,
        docId,
        fetch: gate.fetch,
        live: random() < 0.7 ? 'sse' : 'long-poll',
        compaction: false,
      })
      return { ...client, gate, heal }
    })
    try {
      for (const one of steps) {
        await take(one, docId, all, random, on)
        await expectNothingLost(docId, all)
      }
      const healedAt = performance.now()
      for (const { heal } of all) heal()
      for (const { provider } of all) {
        // A refusal by the faulty network may still be in flight. It blocks the outbox until the app connects
        // again, and the first `connect()` may happen before it arrives.
        provider.on('error', ({ status }) => {
          if (status === 403) provider.connect()
        })
        provider.connect()
      }
      await eventually(async () => {
        await Promise.all(all.map(({ provider }) => provider.whenSaved()))
        // The rows are read each time, because Yjs tidies up formatting after a remote edit, which is an edit.
        expectConverged(
          all.map(({ doc }) => doc),
          await readStored(server.pool, docId),
          { seed: chance },
        )
      }).catch(async (cause: unknown) => {
        const file = await keepRows(docId, chance)
        throw new Error(
          `the network works, but the clients do not agree (rows in ${file}):\n${describePeople(all)}`,
          {
            cause,
          },
        )
      })
      await eventually(() => all.every(({ provider }) => provider.status === 'connected')).catch(
        (cause: unknown) => {
          throw new Error(`all clients converged, but:\n${describePeople(all)}`, { cause })
        },
      )
      slowestMs = Math.max(slowestMs, performance.now() - healedAt)
      await expectStoredOnce(docId, all)
    } finally {
      await Promise.all(all.map((client) => client.close()))
    }
  }

  /** Saves the rows of a failed run, because a run in real time cannot be repeated. */
  async function keepRows(docId: string, chance: number): Promise<string> {
    const { snapshot, updates } = await readStored(server.pool, docId)
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
    const file = artifactPath(`simulation-${chance}.json`)
    await mkdir(path.dirname(file), { recursive: true })
    const rows = { snapshot: snapshot && hex(snapshot), updates: updates.map(hex) }
    await writeFile(file, JSON.stringify(rows))
    return file
  }

  async function take(
    one: Step,
    docId: string,
    all: readonly Person[],
    random: () => number,
    on: BackendName,
  ): Promise<void> {
    const person = 'who' in one ? all[one.who % all.length] : undefined
    switch (one.type) {
      case 'edit':
        if (person) editAtRandom(person.doc, random)
        return
      case 'connect':
        return person?.provider.connect()
      case 'disconnect':
        return person?.provider.disconnect()
      case 'cut':
        return person?.gate.cut(one.how)
      case 'wait':
        return new Promise((resolve) => setTimeout(resolve, one.ms))
      case 'roll':
        if ((await readUpdateRows(server.pool, docId)).length > 0) await roll(server.pool, docId)
        return
      case 'fold':
        await foldBySql(server.pool, docId)
        return
      case 'forget shapes':
        // The test cannot make a real Electric drop shapes; Electric does so by itself.
        if (on !== 'electric') {
          const segment = pickBelow(random, 4)
          await backend.current.dropShape(docId, segment)
        }
    }
  }

  /** Checks KEEP-1, ACK-2 and SYNC-1: an edit that is not in the outbox is stored, at every moment. */
  async function expectNothingLost(docId: string, all: readonly Person[]): Promise<void> {
    const claims = all
      // A document without any edit proves nothing.
      .filter(({ provider, doc }) => provider.saved && doc.store.clients.size > 0)
      .map(({ doc }) => ({ doc, ...contentOf(doc) }))
    if (claims.length === 0) return
    const stored = rebuild(await readStored(server.pool, docId))
    try {
      const there = contentOf(stored)
      for (const { doc, vector, deleted } of claims) {
        for (const [client, clock] of vector) {
          const has = there.vector.get(client) ?? 0
          if (has < clock) {
            throw new Error(
              `client ${doc.clientID} reported saved, but ${client}:${has}…${clock} is not stored`,
            )
          }
        }
        if (!equalDeleteSets(mergeDeleteSets([there.deleted, deleted]), there.deleted)) {
          throw new Error(
            `client ${doc.clientID} reported saved, but some of its deletions are not stored`,
          )
        }
      }
    } finally {
      stored.destroy()
    }
  }

  async function expectStoredOnce(docId: string, all: readonly Person[]): Promise<void> {
    const calls = all.flatMap(({ gate }) => gate.calls).filter(({ batchId }) => batchId !== null)
    const sent = new Set(calls.map(({ batchId }) => batchId))
    const rows = (await readUpdateRows(server.pool, docId)).filter(
      ({ batchId }) => batchId !== null,
    )
    const ids = rows.map(({ batchId }) => batchId)
    expect(new Set(ids).size).toBe(ids.length)
    for (const id of ids) expect(sent).toContain(id)
  }
})

function contentOf(doc: Y.Doc) {
  const vector = new Map(
    [...doc.store.clients.keys()].map((client) => [client, getState(doc.store, client)]),
  )
  return { vector, deleted: createDeleteSetFromStructStore(doc.store) }
}

/** Describes the state of each provider when the test failed. */
const describePeople = (all: readonly Person[]): string =>
  all
    .map(({ provider, gate }, i) => {
      const last = gate.calls
        .slice(-4)
        .map(({ route, url, outcome }) => `${route} ${outcome} ${url.pathname}${url.search}`)
      const { status, synced, saved, error } = provider
      const facts = { status, synced, saved, code: error?.code, error: error?.message }
      return [`doc ${i}: ${JSON.stringify(facts)}`, ...last].join('\n    ')
    })
    .join('\n  ')
