// The OpenAPI document is valid, contains every route, and describes the real answers.
import { Validator } from '@seriousme/openapi-schema-validator'
import type { Authorize } from '@y-electric/server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ERROR_STATUS, parseErrorBody } from 'y-electric/protocol'
import { freshDocId, serveApp, type TestServer, useBackend } from '../e2e/server.ts'
import { type Contract, codesOf, readContract } from './contract.ts'
import { PICTURE } from './picture.ts'
import { type About, RIGHT, type Sending, send } from './requests.ts'
import { ROLLS_AT_ONCE, writtenDocument } from './world.ts'

const backend = useBackend('postgres')
let server: TestServer
let contract: Contract
const decide: Authorize = () => ({ user: 'ada' })

beforeAll(async () => {
  server = await serveApp({
    backend: backend.current,
    authorize: decide,
    revoke: () => 'allow',
    ...ROLLS_AT_ONCE,
  })
  contract = await readContract(server.url)
})
afterAll(() => server.close())

test('it is an OpenAPI 3.1 document', async () => {
  const verdict = await new Validator().validate(structuredClone(contract.document))
  expect(verdict.errors ?? []).toEqual([])
  expect(verdict.valid).toBe(true)
  expect(contract.document).toMatchObject({ openapi: '3.1.0', servers: [{ url: '/api' }] })
})

test('operation ids are unique, every reference resolves, and all codes are on the closed list', () => {
  const names = contract.routes.map(({ operation }) => operation.operationId)
  expect(new Set(names).size).toBe(names.length)
  const text = JSON.stringify(contract.document)
  const { schemas } = contract.document.components
  const referred = [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name)
  expect([...new Set(referred)].sort()).toEqual(Object.keys(schemas).sort())
  for (const route of contract.routes) {
    for (const code of codesOf(route)) expect(Object.keys(ERROR_STATUS)).toContain(code)
  }
})

test('every code of the closed list is documented by a route, or belongs to no route', () => {
  const said = new Set(contract.routes.flatMap(codesOf))
  const others = Object.keys(ERROR_STATUS).filter((code) => !said.has(code))
  expect(others).toEqual(['method_not_allowed'])
})

describe('a successful answer', () => {
  /** Requests that make a route answer with its other statuses below 400. */
  const others: Readonly<Record<string, (docId: string, seq: number) => Promise<Response>>> = {
    'appendUpdate 200': async (docId, seq) => {
      const again = right('appendUpdate', docId, seq)
      await send(server.url, again)
      return send(server.url, again)
    },
    'readState 304': (docId, seq) => twice(right('readState', docId, seq)),
    'inspectDocument 304': (docId, seq) => twice(right('inspectDocument', docId, seq)),
    'followSegment 304': (docId, seq) => twice(right('followSegment', docId, seq)),
    'followAwareness 304': (docId, seq) => twice(right('followAwareness', docId, seq)),
    'followDocuments 304': (docId, seq) => twice(right('followDocuments', docId, seq)),
    'followVersions 304': (docId, seq) => twice(right('followVersions', docId, seq)),
    'setTitle 201': (_docId, seq) => send(server.url, right('setTitle', freshDocId('titled'), seq)),
    'seedDocument 201': (_docId, seq) =>
      send(server.url, right('seedDocument', freshDocId('seeded'), seq)),
    'storeFile 201': (docId, seq) =>
      send(server.url, {
        ...right('storeFile', docId, seq),
        body: Buffer.concat([PICTURE, Buffer.from('another')]),
      }),
    'importDocument 201': (_docId, seq) =>
      send(server.url, right('importDocument', freshDocId('imported'), seq)),
  }

  test('has each described status, in the described form', async () => {
    const missing: string[] = []
    for (const { operation } of contract.routes) {
      const name = operation.operationId
      const about = await writtenDocument(server)
      const { docId, seq } = about
      for (const status of Object.keys(operation.responses).filter((one) => Number(one) < 400)) {
        const make =
          others[`${name} ${status}`] ?? (() => send(server.url, rightAbout(name, about)))
        const response = await make(docId, seq)
        const text = await response.clone().text()
        if (String(response.status) !== status) {
          missing.push(`${name} ${status}: ${response.status} ${text.slice(0, 200)}`)
        }
        expect(await contract.problem(name, response), name).toBeNull()
      }
    }
    expect(missing).toEqual([])
    expect(server.errors).toEqual([])
  })

  test('has the described form for a proof of deletion and every page of a list', async () => {
    const { docId } = await writtenDocument(server)
    const check = async (name: string, sending: Sending, status = 200) => {
      const response = await send(server.url, sending)
      expect([name, response.status]).toEqual([name, status])
      expect(await contract.problem(name, response)).toBeNull()
    }
    await check('deleteDocument', right('deleteDocument', docId))
    await check('verifyDocument', {
      method: 'GET',
      path: `/docs/${docId}/verify?deleted=true`,
    })
    await check('listDocuments', { method: 'GET', path: '/docs?limit=1&deleted=true' })
  })
})

const right = (name: string, docId: string, seq = 0): Sending => rightAbout(name, { docId, seq })

function rightAbout(name: string, about: About): Sending {
  const make = RIGHT[name]
  if (make === undefined) throw new Error(`there is no request for ${name}`)
  return make(about)
}

/** Sends a request, and sends it again with the ETag of the first answer. */
async function twice(sending: Sending): Promise<Response> {
  const first = await send(server.url, sending)
  await first.arrayBuffer()
  const etag = first.headers.get('etag')
  expect(etag, `${sending.path} has no ETag`).not.toBeNull()
  return send(server.url, { ...sending, headers: { 'if-none-match': etag ?? '' } })
}

test('all errors have the same form', async () => {
  const body: unknown = await (await fetch(`${server.url}/docs/x/y`)).json()
  expect(parseErrorBody(body)?.code).toBe('not_found')
})
