// Mutants of the server's code: one place is changed.
import type { Mutation } from '../kernel/program.ts'

export const SERVER_MUTANTS = {
  'authorize is not asked': {
    file: 'server/src/app.ts',
    find: 'const about = await allowed(context, c, action)',
    put: (isOn) =>
      `const about = ${isOn} ? { ...NOBODY, docId: c.req.param('docId') ?? '' } : await allowed(context, c, action)`,
  },
  'a fold is stored without being compared': {
    file: 'server/src/routes/folds.ts',
    find: 'verify({ sources, proposal: data, keepHistory }, limits, signal)',
    put: (isOn) =>
      `${isOn} ? Promise.resolve({ type: 'same' as const, snapshot: data, structs: 1, carried: [] }) : verify({ sources, proposal: data, keepHistory }, limits, signal)`,
  },
  'a fold collects a history that is kept': {
    file: 'server/src/store/document.ts',
    find: 'keepHistory: head.keep_history',
    put: (isOn) => `keepHistory: ${isOn} ? false : head.keep_history`,
  },
  'a folded segment is answered as unknown': {
    file: 'server/src/routes/segments.ts',
    find: "throw new RequestError('segment_folded'",
    put: (isOn) => `throw new RequestError(${isOn} ? 'not_found' : 'segment_folded'`,
  },
  'a broken database is answered as a bad request': {
    file: 'server/src/app.ts',
    find: 'if (isDatabaseUnavailable(error)) {',
    put: (isOn) =>
      `if (${isOn} && isDatabaseUnavailable(error)) return new RequestError('invalid_request', 'no')\n  if (isDatabaseUnavailable(error)) {`,
  },
  'joiners share a read that has begun': {
    file: 'server/src/routes/shared-reads.ts',
    find: 'const shared = waiting.get(key) ?? begin(key, read)',
    put: (isOn) =>
      `const early = ${isOn} ? (running.get(key) as Promise<T> | undefined) : undefined\n      if (early !== undefined) return early\n      const shared = waiting.get(key) ?? begin(key, read)`,
  },
} satisfies Readonly<Record<string, Mutation>>
