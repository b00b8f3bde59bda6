// The provider with mutants. Runs without a mutant use the installed provider.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { ElectricProvider } from 'y-electric'
import type { LedgerEvent, LedgerState } from '../adapters/ledger.ts'
import { compileProgram, type Mutation, PACKAGES, type Program } from '../kernel/program.ts'
import type { Plant } from '../plant.ts'
import { CLIENT_MUTANTS } from '../plants/client-mutants.ts'

export type NoteStep = (state: LedgerState, event: LedgerEvent) => void

const NOTED = 'the steps of the ledger are reported'

/** A mutation that only reports each step. */
const NOTING: Readonly<Record<string, Mutation>> = {
  [NOTED]: {
    file: 'y-electric/src/session/ledger-loop.ts',
    find: `  #handle(event: LedgerEvent): void {
    const before = this.#state`,
    put: (isOn) => `  static noteStep(_state: LedgerState, _event: LedgerEvent): void {}

  #handle(event: LedgerEvent): void {
    const before = this.#state
    if (${isOn}) LedgerLoop.noteStep(before, event)`,
  },
}

const ENTRY = 'y-electric/src/index.ts'

let compiled: Promise<Program> | undefined

export async function mutatedProvider(
  mutant: string,
  noteStep?: NoteStep,
): Promise<typeof ElectricProvider> {
  compiled ??= compileProgram({
    entry: ENTRY,
    mutants: { ...CLIENT_MUTANTS, ...NOTING },
    replaced: {
      [ENTRY]: `${readFileSync(path.join(PACKAGES, ENTRY), 'utf8')}
        export { LedgerLoop } from './session/ledger-loop.ts'`,
    },
  })
  const program = await compiled
  const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis
  const globals = { setTimeout, clearTimeout, setInterval, clearInterval, Date, Math, performance }
  const evaluated = program(globals, mutant)
  if (noteStep) Object.assign(evaluated.LedgerLoop as object, { noteStep })
  return evaluated.ElectricProvider as typeof ElectricProvider
}

/** Not a fault: reports each step of the ledger in a run. */
export async function notingSteps(noteStep: NoteStep): Promise<Plant> {
  const Provider = await mutatedProvider(NOTED, noteStep)
  return { name: NOTED, about: 'the unchanged system', Provider }
}
