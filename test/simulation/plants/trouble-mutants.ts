// Mutants of how a provider handles refusals, bad rows and joint streams.
import type { Mutation } from '../kernel/program.ts'

export const TROUBLE_MUTANTS = {
  'a bad row of a segment is treated as a good one': {
    file: 'y-electric/src/core/follow.ts',
    find: 'decoded: readRow(update)',
    put: (isOn) =>
      `decoded: ${isOn} ? { structs: [], deletes: { clients: new Map() } } : readRow(update)`,
  },
  'a bad row of a segment ends reading': {
    file: 'y-electric/src/core/follow.ts',
    find: '  } catch (error) {\n    return {',
    put: (isOn) => `  } catch (error) {\n    if (${isOn}) throw error\n    return {`,
  },
  'a bad row of state is not left out': {
    file: 'y-electric/src/core/sound-state.ts',
    find: 'return problem === null\n',
    put: (isOn) => `return problem === null || ${isOn}\n`,
  },
  'a bad row hides all rows of state that come after it': {
    file: 'y-electric/src/core/sound-state.ts',
    find: 'if (problem !== null) bad.push({ message: `row',
    put: (isOn) =>
      `if (${isOn} && bad.length > 0) return false\n    if (problem !== null) bad.push({ message: \`row`,
  },
  'a refused batch is dropped': {
    file: 'y-electric/src/core/outbox.ts',
    find: "stay({ ...state, phase: 'blocked' })",
    put: (isOn) =>
      `stay({ ...state, phase: 'blocked', batches: ${isOn} ? state.batches.slice(1) : state.batches })`,
  },
  'resend drops edits that the server lacks': {
    file: 'y-electric/src/core/ledger/steps/document.ts',
    find: 'replaceAll(work, comparison.update)',
    put: (isOn) => `replaceAll(work, ${isOn} && work.state.isRemaking ? null : comparison.update)`,
  },
  'a deleted document is requested again and again': {
    file: 'y-electric/src/core/refusals.ts',
    find: "['not_found', 'deleted', 'invalid_doc_id']",
    put: (isOn) =>
      `${isOn} ? ['not_found', 'invalid_doc_id'] : ['not_found', 'deleted', 'invalid_doc_id']`,
  },
  'events of a joint stream go to the stream before it': {
    file: 'y-electric/src/io/joint-events.ts',
    find: "{ type: 'event', stream: Number(name),",
    put: (isOn) => `{ type: 'event', stream: Math.max(0, Number(name) - (${isOn} ? 1 : 0)),`,
  },
} satisfies Readonly<Record<string, Mutation>>
