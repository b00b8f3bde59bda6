import { judge } from '../adapters/judge.ts'
import { type ContentFormat, ROOT_TYPES, type RootType } from '../adapters/server.ts'
import type { Choices } from '../engine/choices.ts'
import type { Json, Target } from '../engine/target.ts'
import { anyBytes, fromHex, mutateBytes, toHex } from '../generators/bytes.ts'
import { HONEST_DOCUMENTS, honestDocument } from '../generators/honest.ts'
import { anyUpdate, type Clocks } from '../generators/update-v1.ts'
import { checkAccepted } from '../oracles/accepted.ts'
import { Cost } from '../oracles/cost.ts'
import { checkQuickly } from '../oracles/quick.ts'
import { THOROUGH_ONE_IN } from './sampling.ts'

/** Rows of an attacker, and an honest document. */
interface Input {
  readonly [key: string]: Json
  readonly honest: number
  readonly rows: readonly string[]
  readonly format: ContentFormat
  readonly type: RootType
}

/** The most processor time for checking one small update, in milliseconds. */
const JUDGE_MS = 250
/** The most processor time for the cheap oracles, in milliseconds. */
const QUICK_MS = 250

const SLOW_FORMATS: readonly ContentFormat[] = ['html', 'markdown', 'prosemirror', 'text']

/** Updates that the server is asked to store. An accepted one must leave the document valid. */
export function updates(): Target {
  const cost = new Cost()
  const judging = new Cost()
  let [accepted, thorough] = [0, 0]
  return {
    name: 'updates',
    thoroughOneIn: THOROUGH_ONE_IN.updates,
    generate,
    run(json, isThorough) {
      const { honest, rows, format, type } = json as Input
      cost.begin()
      judging.begin()
      const codes: string[] = []
      const hostile = rows.map(fromHex).flatMap((bytes) => {
        const { row, code } = judging.within(JUDGE_MS, 'judging', () => judge(bytes))
        codes.push(code)
        return row === null ? [] : [{ row, given: bytes }]
      })
      if (hostile.length === 0) return codes[0] ?? 'empty'
      accepted++
      const { updates: rowsBefore, whole } = honestDocument(honest)
      cost.within(QUICK_MS, 'cheap oracles', () => checkQuickly(whole, hostile))
      if (!isThorough) return 'accepted'
      thorough++
      const stored = hostile.map(({ row }) => row)
      const kind = checkAccepted({ honest: rowsBefore, hostile: stored, format, type }, cost)
      return `thorough: ${kind}`
    },
    figures: () => ({
      'accepted inputs': accepted,
      'with the expensive oracles': thorough,
      'slowest check ms': judging.worst,
      'slowest step ms': cost.worst,
    }),
  }
}

function generate(choices: Choices, corpus: readonly Json[]): Input {
  const honest = choices.below(HONEST_DOCUMENTS)
  const clocks: Clocks = new Map()
  const known = (corpus as readonly Input[]).flatMap(({ rows }) => rows)
  const rows = choices.list(1, choices.oneIn(3) ? 4 : 1, () =>
    choices.weighted<Uint8Array>([
      [12, () => anyUpdate(choices, clocks)],
      [3, () => mutateBytes(choices, anyUpdate(choices, clocks))],
      [3, () => mutateBytes(choices, choices.pick(honestDocument(honest).updates))],
      [known.length > 0 ? 2 : 0, () => mutateBytes(choices, fromHex(choices.pick(known)))],
      [1, () => anyBytes(choices, 30)],
    ]),
  )
  const [format, type] = [choices.pick(SLOW_FORMATS), choices.pick(ROOT_TYPES)]
  return { honest, rows: rows.map(toHex), format, type }
}
