// The provider with mutants. Runs without a mutant use the installed provider.
import type { ElectricProvider } from 'y-electric'
import { compileProgram, type Program } from '../kernel/program.ts'
import { CLIENT_MUTANTS } from '../plants/client-mutants.ts'

let compiled: Promise<Program> | undefined

export async function mutatedProvider(mutant: string): Promise<typeof ElectricProvider> {
  compiled ??= compileProgram({ entry: 'y-electric/src/index.ts', mutants: CLIENT_MUTANTS })
  const program = await compiled
  const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis
  const globals = { setTimeout, clearTimeout, setInterval, clearInterval, Date, Math, performance }
  return program(globals, mutant).ElectricProvider as typeof ElectricProvider
}
