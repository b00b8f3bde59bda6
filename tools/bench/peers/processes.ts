// Starts a process for the clients of a contender, and sends it tasks.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import type { Answer, Order, TaskName, Tasks } from './clientProcess.ts'

type Options<Name extends TaskName> = Parameters<Tasks[Name]>[1]
type Result<Name extends TaskName> = Awaited<ReturnType<Tasks[Name]>>

export interface ClientProcess {
  /** Makes the process do a task. @throws if the task fails, or the process ends */
  run<Name extends TaskName>(task: Name, options: Options<Name>): Promise<Result<Name>>
  stop(): Promise<void>
}

/** @param module the path of a {@link ClientModule} */
export function startClients(module: string, imports: readonly string[]): ClientProcess {
  const child = fork(path.join(import.meta.dirname, 'clientProcess.ts'), [module], {
    execArgv: ['tsx', ...imports].flatMap((url) => ['--import', url]),
  })
  const waiting = new Map<number, (answer: Answer) => void>()
  let count = 0
  child.on('message', (answer: Answer) => waiting.get(answer.id)?.(answer))
  child.once('exit', (code) => {
    for (const [id, settle] of waiting) settle({ id, error: `the clients ended (${code})` })
  })
  return {
    async run(task, options) {
      const id = count++
      const answer = await new Promise<Answer>((resolve) => {
        waiting.set(id, resolve)
        child.send({ id, task, options } satisfies Order)
      })
      waiting.delete(id)
      if ('error' in answer) throw new Error(`${path.basename(module)}, ${task}: ${answer.error}`)
      return answer.result as never
    },
    stop: () => stop(child),
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const exit = once(child, 'exit')
  child.disconnect()
  await exit
}
