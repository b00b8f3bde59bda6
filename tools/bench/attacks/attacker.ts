// Runs one attack in a separate process, so that it does not share an event loop with the measured clients.
import { ATTACKS, type AttackName } from './attacks.ts'

const [name, api] = process.argv.slice(2)
if (name === undefined || api === undefined) throw new Error('attacker.ts NAME API')
// Ends the attack if the benchmark crashes or is killed, because no other process would end it.
process.once('disconnect', () => process.exit(1))
await ATTACKS[name as AttackName](api, () => process.send?.('attacking'))
