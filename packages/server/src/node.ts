type Builtins = {
  readonly 'node:crypto': typeof import('node:crypto')
  readonly 'node:fs': typeof import('node:fs')
  readonly 'node:os': typeof import('node:os')
  readonly 'node:timers/promises': typeof import('node:timers/promises')
  readonly 'node:url': typeof import('node:url')
  readonly 'node:v8': typeof import('node:v8')
  readonly 'node:worker_threads': typeof import('node:worker_threads')
  readonly 'node:zlib': typeof import('node:zlib')
}

/**
 * A module of Node, which Bun, Deno and Cloudflare Workers (`nodejs_compat`) have as well. It is looked up when it is
 * used, because an import at the top of a file is an error for bundlers that make code for the edge, even if nothing
 * calls it.
 * @throws {Error} where there is no such module
 */
export function builtin<N extends keyof Builtins>(name: N): Builtins[N] {
  const module = builtinIfAny(name)
  if (module === undefined) {
    throw new Error(`this runtime has no ${name}: on Cloudflare Workers set the flag nodejs_compat`)
  }
  return module
}

/** Like `builtin`; undefined where there is no such module. */
export const builtinIfAny = <N extends keyof Builtins>(name: N): Builtins[N] | undefined =>
  globalThis.process?.getBuiltinModule?.(name)

/** Lets the event loop run. */
export const nextTurn = (): Promise<void> => builtin('node:timers/promises').setImmediate()
