// Replays a recorded session by live writers. Each writes as fast as it receives the edits that it builds on.
import { replayDocument } from '../replay/replayDocument.ts'
import { hasAgreed } from '../replay/report.ts'
import { writeScript } from '../replay/script.ts'
import { loadRecording } from './recording.ts'
import { round } from './statistics.ts'
import type { Report } from './table.ts'
import { onEachTarget, withServer } from './targets.ts'

export async function benchSession(): Promise<Report> {
  const { name, history } = await loadRecording()
  const script = writeScript(history)
  const handovers = script.flat().filter(({ waitsForOthers }) => waitsForOthers).length
  return {
    title: `session: ${name}, ${history.agentCount} live writer(s) and a live reader`,
    rows: await onEachTarget((target) =>
      withServer(target, async ({ url }) => {
        const result = await replayDocument({ mountPoint: `${url}/api`, history, script })
        return {
          backend: target.name,
          edits: result.edits,
          seconds: round(result.seconds),
          'edits per second': Math.round(result.edits / result.seconds),
          rows: result.rows,
          agree: hasAgreed(result) ? 'yes' : 'NO',
        }
      }),
    ),
    notes: [
      `Writers have to wait ${handovers} times for an edit of another writer, which arrives through the server.`,
      'Clients and server share the processors of this machine; all clients run in one process.',
    ],
  }
}
