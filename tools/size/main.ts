// npm run size -- [--json] [--modules N]
import { parseArgs } from 'node:util'
import { formatTable } from '../bench/table.ts'
import type { ChunkSize } from './bundle.ts'
import { editorFirstPaint } from './editor.ts'
import { type Limited, measureBundles, problemsOf } from './measure.ts'
import { limitsOfPacked, packedSizes, repeatsOf } from './packed.ts'

const USAGE = `Prints the size of the code that an app loads for y-electric, of the editor's first paint, and of the published
packages. Fails above a limit.

  npm run size -- [--json] [--modules N]

  --json       print everything as JSON, all modules included
  --modules N  list the N largest modules of each chunk (default: 12)

The limits are in tools/size/limits.ts.`

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      modules: { type: 'string', default: '12' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  const [sizes, packed] = [await measureBundles(), await packedSizes()]
  const ofPacked = limitsOfPacked(packed)
  const paint = await editorFirstPaint()
  const limited = [...sizes.limited, ...ofPacked, paint]
  const problems = [...problemsOf(limited), ...repeatsOf(packed)]
  if (values.json) console.log(JSON.stringify({ ...sizes, packed, paint, problems }, null, 2))
  else {
    const { first, lazy } = sizes.bundle
    const chunks = [first, sizes.withIndexedDb, ...lazy]
    console.log(
      formatTable({
        title: 'Our code in an app, in bytes',
        rows: sizes.limited.map(({ name, bytes, limit }, i) => ({
          chunk: name,
          minified: chunks[i]?.minified ?? 0,
          gzip: bytes,
          limit,
        })),
        notes: ['without yjs, lib0, y-protocols and @electric-sql/client', 'minified, gzip -9'],
      }),
    )
    for (const chunk of [first, ...lazy])
      console.log(`\n${modulesOf(chunk, Number(values.modules))}`)
    console.log(
      `\n${formatTable({
        title: 'Published packages, in bytes',
        rows: packed.map(({ name, files, packed, unpacked }, i) => ({
          package: name,
          files,
          packed,
          unpacked,
          limit: (ofPacked[i] as Limited).limit,
        })),
        notes: [],
      })}`,
    )
    console.log(`\n${paint.name}: ${paint.bytes} bytes, and the limit is ${paint.limit}`)
    for (const problem of problems) console.error(problem)
  }
  return problems.length === 0 ? 0 : 1
}

const modulesOf = ({ name, modules }: ChunkSize, most: number): string =>
  formatTable({
    title: `${name}: the largest of ${modules.length} modules`,
    rows: modules.slice(0, most).map((module) => ({ module: module.name, minified: module.bytes })),
    notes: [],
  })

process.exitCode = await main()
