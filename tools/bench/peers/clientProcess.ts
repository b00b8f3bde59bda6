// A process for the clients of one contender. The benchmark sends it tasks, one after the other.
import type { ClientModule } from './client.ts'
import { compact, join, reload, write } from './joining.ts'
import { closeReaders, openReaders, takeArrivals, type } from './reading.ts'
import { session } from './session.ts'
import { acked, burst, keys } from './typing.ts'

const tasks = {
  keys,
  burst,
  acked,
  session,
  write,
  compact,
  join,
  reload,
  openReaders,
  takeArrivals,
  closeReaders,
  type,
}

export type Tasks = typeof tasks
export type TaskName = keyof Tasks

export interface Order {
  readonly id: number
  readonly task: TaskName
  readonly options: unknown
}

export type Answer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string }

// Each of the many clients in this process may listen to its exit event.
process.setMaxListeners(0)
const module = (await import(process.argv[2] ?? '')) as ClientModule

process.on('message', async ({ id, task, options }: Order) => {
  try {
    const run = tasks[task] as (module: ClientModule, options: unknown) => Promise<unknown>
    process.send?.({ id, result: await run(module, options) } satisfies Answer)
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    process.send?.({ id, error: text } satisfies Answer)
  }
})
process.once('disconnect', () => process.exit(0))
