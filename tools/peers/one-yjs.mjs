// Loaded into a client before it starts: the benchmark and the provider of a peer use one copy of Yjs.
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
