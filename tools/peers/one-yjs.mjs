// The benchmark loads this module into a client before the client starts, so that the benchmark and the other
// provider use one copy of Yjs.
import { register } from 'node:module'

register(
  `data:text/javascript,${encodeURIComponent(`
    const root = ${JSON.stringify(new URL('../package.json', import.meta.url).href)}
    export const resolve = (specifier, context, next) =>
      /^(yjs|lib0|y-protocols)(\\/|$)/.test(specifier)
        ? next(specifier, { ...context, parentURL: root })
        : next(specifier, context)
  `)}`,
)
