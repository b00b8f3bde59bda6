// Collects numbers that tests measured, for the table at the end of a run. Tests run in separate processes,
// so they append to a file, which test/run.mjs names and reads.
import { appendFile } from 'node:fs/promises'

export async function noteFigure(name: string, value: string): Promise<void> {
  console.log(`${name}: ${value}`)
  const file = process.env.Y_ELECTRIC_FIGURES
  if (file !== undefined) await appendFile(file, `${name}\t${value}\n`)
}
