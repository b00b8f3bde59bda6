// A network that loses, delays, doubles and breaks requests, with repeatable randomness.
import { answer, dropAnswer, dropRequest, type Gate, type Rule, sendTwice } from '../e2e/gate.ts'
import { pickBelow } from '../harness/random.ts'

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const late =
  (ms: number): Rule =>
  async (_call, pass) => {
    await later(ms)
    return pass()
  }
const answeredLate =
  (ms: number): Rule =>
  async (_call, pass) => {
    const response = await pass()
    await later(ms)
    return response
  }
const intercepted: Rule = async () =>
  new Response('<form>', { headers: { 'content-type': 'text/html' } })

const everywhere: readonly Rule[] = [
  dropRequest,
  dropAnswer,
  late(2),
  late(15),
  answeredLate(10),
  answer(500, 'internal'),
  answer(503, 'database_unavailable'),
  intercepted,
]
const ofWrites: readonly Rule[] = [
  ...everywhere,
  dropAnswer,
  sendTwice,
  sendTwice,
  answer(403, 'forbidden'),
  answer(409, 'segment_conflict'),
]

/** Lets about `share` of all requests fail. @returns a function that ends all faults */
export function makeFaulty(gate: Gate, random: () => number, share: number): () => void {
  const faulty =
    (faults: readonly Rule[]): Rule =>
    (call, pass) => {
      if (random() >= share) return pass()
      const rule = faults[pickBelow(random, faults.length)]
      return rule === undefined ? pass() : rule(call, pass)
    }
  const heals = [
    gate.use('updates', faulty(ofWrites)),
    gate.use('state', faulty(everywhere)),
    gate.use('segment', faulty(everywhere)),
  ]
  return () => {
    for (const heal of heals) heal()
  }
}
