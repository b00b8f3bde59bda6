import { builtinIfAny } from '../node.ts'

const known = new Map<string, boolean>()

/**
 * Whether workers can run this module: the runtime has threads, and the file is there. A bundler copies the code that
 * starts a worker, but not the file that the worker runs; its operator is told once.
 */
export function canStart(module: URL): boolean {
  const before = known.get(module.href)
  if (before !== undefined) return before
  const reason = obstacle(module)
  known.set(module.href, reason === null)
  if (reason !== null) {
    console.warn(
      `y-electric: ${reason}, so large documents are checked on the event loop, without limits of time and memory`,
    )
  }
  return reason === null
}

function obstacle(module: URL): string | null {
  if (builtinIfAny('node:worker_threads')?.Worker === undefined) {
    return 'this runtime has no worker threads'
  }
  const isThere =
    module.protocol !== 'file:' || builtinIfAny('node:fs')?.existsSync(module) !== false
  return isThere
    ? null
    : `there is no ${module.pathname} (a bundler left it out: name @y-electric/server and @y-electric/documents as external)`
}
