// One attack in a process of its own, so that it does not share an event loop with who is measured.
import { ATTACKS, type AttackName } from './attacks.ts'

const [name, api] = process.argv.slice(2)
if (name === undefined || api === undefined) throw new Error('attacker.ts NAME API')
// The bench may crash or be killed, and nobody else ends an attack.
process.once('disconnect', () => process.exit(1))
await ATTACKS[name as AttackName](api, () => process.send?.('attacking'))
