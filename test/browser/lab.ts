// The script of the page: the provider and its stores, and the acceptance suite of stores. Tests
// use it as `lab`.
import { type DeviceStore, ElectricProvider, indexeddb, type LiveMode } from 'y-electric'
import { storeTests } from 'y-electric/store-tests'
import { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'

const KEY = 'https://example.test/api/doc'

/** Opens the page's document as one client. */
function open(
  docId: string,
  options: {
    connect?: boolean
    prefix?: string
    isKept?: boolean
    live?: LiveMode
    /** The name of a person with presence. */
    name?: string
  } = {},
) {
  const { connect = true, prefix = 'y-electric', isKept = true, live = 'sse', name } = options
  const doc = new Y.Doc()
  const shown = name === undefined ? null : new Awareness(doc)
  shown?.setLocalState({ name })
  const errors: string[] = []
  const text = doc.getText('body')
  const provider = new ElectricProvider({
    url: '/api',
    docId,
    doc,
    connect,
    live,
    ...(isKept ? { persistence: indexeddb({ prefix }) } : {}),
    ...(shown && { awareness: shown }),
    retry: { baseMs: 20, maxMs: 200 },
  })
  provider.on('error', ({ code }) => errors.push(code))
  return { doc, text, provider, errors }
}

let awareness: Awareness | null = null

/** Opens the document as a named person with presence. */
function openPerson(name: string, docId: string): void {
  const doc = new Y.Doc()
  awareness = new Awareness(doc)
  awareness.setLocalState({ name })
  new ElectricProvider({ url: '/api', docId, doc, awareness })
}

/** Opens a new document like an editor, with or without presence. */
function openDocument(hasPresence: boolean, live?: LiveMode, docId: string = crypto.randomUUID()) {
  const doc = new Y.Doc()
  const own = new Awareness(doc)
  own.setLocalState({ name: 'Ada' })
  const provider = new ElectricProvider({
    url: '/api',
    docId,
    doc,
    ...(live !== undefined && { live }),
    ...(hasPresence ? { awareness: own } : {}),
  })
  return { doc, provider }
}

const tools = {
  Y,
  Awareness,
  ElectricProvider,
  indexeddb,
  open,
  openPerson,
  openDocument,
  names: (): string[] =>
    [...(awareness?.getStates().values() ?? [])].map((state) => String(state.name)).sort(),
  openStore: (prefix: string): Promise<DeviceStore> => indexeddb({ prefix }).open(KEY, () => {}),
  /** Runs a case of the acceptance suite on a separate database. */
  async runCase(name: string): Promise<void> {
    const prefix = crypto.randomUUID()
    await storeTests[name]?.(() => tools.openStore(prefix))
  },
  /** The name of a store's database. */
  databaseOf: (prefix: string, key = KEY): string => `${prefix}:${key}`,
  people: new Map<string, ReturnType<typeof open>>(),
}

declare global {
  var lab: typeof tools
}
globalThis.lab = tools
