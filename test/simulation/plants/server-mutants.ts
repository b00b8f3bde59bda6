// Mutants of the server's code, each with one change.
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
  'a fold that differs is taken for the same': {
    file: 'server/src/compaction/verify.ts',
    find: 'return findDifference({ full, collected: collect() }, proposed) ?? proposed',
    put: (isOn) =>
      `return (${isOn} ? null : findDifference({ full, collected: collect() }, proposed)) ?? proposed`,
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
  'a broken database is answered as a deleted document': {
    file: 'server/src/app.ts',
    find: 'if (isDatabaseUnavailable(error)) {',
    put: (isOn) =>
      `if (${isOn} && isDatabaseUnavailable(error)) return new RequestError('deleted', 'no')\n  if (isDatabaseUnavailable(error)) {`,
  },
} satisfies Readonly<Record<string, Mutation>>
