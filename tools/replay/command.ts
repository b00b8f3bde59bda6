// The command of `npm run replay`, without the process around it.
import path from 'node:path'
import { inspect } from 'node:util'
import { type History, InvalidHistory, loadHistory } from '../../test/harness/history.ts'
import { BASELINE_WEBASSEMBLY, startServerProcess } from '../../test/harness/serverProcess.ts'
import { HELP, type ReplayArguments, readArguments, UsageError } from './arguments.ts'
import { findMountPoint } from './mountPoint.ts'
import { startProgress } from './progress.ts'
import { ReplayFailed, type ReplayResult, replayDocument } from './replayDocument.ts'
import { formatReport, hasAgreed } from './report.ts'
import { writeScript } from './script.ts'

const exitCodes = { agreed: 0, failed: 1, misused: 2 } as const

/** The output of the command: the streams of the process, or those of a test. */
export interface Output {
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean }
  readonly stderr: NodeJS.WritableStream
}

/** Runs the command. @returns the exit code */
export async function runCommand(args: readonly string[], output: Output): Promise<number> {
  try {
    return await run(args, output.stdout)
  } catch (error) {
    const isMisuse = isExpected(error) && !(error instanceof ReplayFailed)
    output.stderr.write(`${isExpected(error) ? `replay: ${error.message}` : inspect(error)}\n`)
    return isMisuse ? exitCodes.misused : exitCodes.failed
  }
}

async function run(args: readonly string[], stdout: Output['stdout']): Promise<number> {
  const say = (text: string) => stdout.write(`${text}\n`)
  const replay = readArguments([...args])
  if (replay === undefined) {
    say(HELP)
    return exitCodes.agreed
  }
  // The command line and the history are checked before anything is started.
  const history = await loadHistory(path.resolve(callerFolder(), replay.trace))
  const script = writeScript(history)
  const { mountPoint, description, stop } = await openServer(replay.url)
  try {
    say(`${path.basename(replay.trace)} into ${description}`)
    const results = await replayAll(replay, history, script, mountPoint, stdout)
    say(formatReport(history, results))
    return results.every(hasAgreed) ? exitCodes.agreed : exitCodes.failed
  } finally {
    await stop()
  }
}

async function replayAll(
  { docs }: ReplayArguments,
  history: History,
  script: ReturnType<typeof writeScript>,
  mountPoint: string,
  stdout: Output['stdout'],
): Promise<ReplayResult[]> {
  const edits = script.flat().reduce((sum, { editCount }) => sum + editCount, 0)
  const progress = startProgress(edits * docs, stdout)
  const states = Array.from({ length: docs }, () => ({ edits: 0, rows: 0 }))
  const show = () =>
    progress.update({
      edits: states.reduce((sum, state) => sum + state.edits, 0),
      rows: states.reduce((sum, state) => sum + state.rows, 0),
    })
  try {
    return await Promise.all(
      states.map((state) =>
        replayDocument({
          mountPoint,
          history,
          script,
          onProgress(reached) {
            Object.assign(state, reached)
            show()
          },
        }),
      ),
    )
  } finally {
    progress.stop()
  }
}

async function openServer(url: string | undefined) {
  if (url !== undefined) {
    const mountPoint = await findMountPoint(url)
    return { mountPoint, description: mountPoint, stop: async () => {} }
  }
  const server = await startServerProcess({ nodeArguments: [BASELINE_WEBASSEMBLY] })
  return {
    mountPoint: `${server.url}/api`,
    description: 'a new server on the embedded database',
    stop: server.stop,
  }
}

/** npm runs scripts in the folder of the package, but the user names files relative to the current folder. */
const callerFolder = (): string => process.env.INIT_CWD ?? process.cwd()

const isExpected = (error: unknown): error is Error =>
  error instanceof UsageError || error instanceof InvalidHistory || error instanceof ReplayFailed
