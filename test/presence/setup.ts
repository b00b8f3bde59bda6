import type { Authorize } from '@y-electric/server'
import { afterEach, beforeAll, beforeEach } from 'vitest'
import { freshDocId, serveApp, type TestServer, useBackend } from '../e2e/server.ts'
import { openPerson, type Person, type PersonOptions } from './people.ts'

/** Starts a server for the file, makes a document for each test, and closes its clients after the test. */
export function usePeople() {
  const backend = useBackend()
  let server: TestServer | undefined
  let people: Person[] = []
  const setup = {
    backend,
    docId: '',
    /** The answer of the server's `authorize` in this test. */
    decide: (() => 'allow') as Authorize,
    get server(): TestServer {
      if (server === undefined) throw new Error('the server has not started yet')
      return server
    },
    open(name: string, options: Partial<PersonOptions> = {}): Person {
      const person = openPerson({ url: setup.server.url, docId: setup.docId, name, ...options })
      people.push(person)
      return person
    },
  }
  beforeAll(async () => {
    server = await serveApp({
      backend: backend.current,
      authorize: (about) => setup.decide(about),
      onError: () => {},
    })
    return () => server?.close()
  })
  beforeEach(() => {
    setup.decide = () => 'allow'
    setup.docId = freshDocId()
  })
  afterEach(async () => {
    for (const person of people) {
      await person.close()
      person.awareness.destroy()
    }
    people = []
  })
  return setup
}
