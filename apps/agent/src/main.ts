import { parseArgs } from 'node:util'
import { ElectricProvider } from 'y-electric'
import * as Y from 'yjs'
import { Agent } from './agent.ts'

const USAGE =
  'Usage: npm run start -w apps/agent -- --doc ID [--url URL] [--field ROOT] [--name NAME] [--pace MS]'

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        help: { type: 'boolean', short: 'h' },
        doc: { type: 'string' },
        url: { type: 'string', default: 'http://127.0.0.1:4000/api' },
        field: { type: 'string', default: 'default' },
        name: { type: 'string', default: 'Agent' },
        pace: { type: 'string', default: '150' },
      },
    })
    const { doc: docId, pace, help, ...others } = values
    const paceMs = Number(pace)
    if (help) {
      console.log(USAGE)
      process.exit(0)
    }
    if (docId !== undefined && paceMs >= 0) return { ...others, docId, paceMs }
  } catch (error) {
    console.error((error as Error).message)
  }
  console.error(USAGE)
  process.exit(2)
}

const { docId, url, field, name, paceMs } = readOptions()

const doc = new Y.Doc()
const provider = new ElectricProvider({ url, docId, doc })
provider.awareness.setLocalState({ user: { name, color: '#8250df' } })
const agent = new Agent({ provider, field, paceMs, print: (line) => console.log(line) })

/**
 * Leaves like a person: stops writing, waits until its edits are saved, and removes its presence.
 */
async function leave(code: number): Promise<void> {
  agent.stop()
  if (provider.status === 'connected') await provider.whenSaved()
  provider.awareness.setLocalState(null)
  await provider.destroy()
  process.exit(code)
}

process.once('SIGINT', () => void leave(0))
process.once('SIGTERM', () => void leave(0))
provider.on('status', ({ status }) => {
  if (status !== 'refused' && status !== 'auth-failed') return
  console.error(provider.error?.message ?? status)
  void leave(1)
})
await provider.whenSynced()
agent.start()
console.log(`${name} is in ${docId}. Write "=2*(3+4)?" or "@agent count to 20?"; Ctrl-C to leave.`)
