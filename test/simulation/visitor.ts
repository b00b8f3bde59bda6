// A writer without a provider: code of an app that posts rows over HTTP. Its second edit builds on the first
// one but arrives earlier, so that a stored row waits for another row.
import { IDEMPOTENCY_KEY_HEADER, UPDATE_MEDIA_TYPE } from 'y-electric/protocol'
import { emptyDoc } from './checks/content.ts'
import type { Chance } from './kernel/chance.ts'
import { post } from './post.ts'
import type { World } from './world.ts'

export function visitorStep(world: World, chance: Chance, ms: number): void {
  const doc = emptyDoc()
  doc.clientID = 1 + chance.below(2 ** 31)
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  doc.getText('body').insert(0, 'first')
  doc.getText('body').insert(5, 'second')
  for (const [i, update] of updates.entries()) {
    post(world, chance, {
      who: 'visitor',
      route: 'updates',
      body: new Uint8Array(update),
      contentType: UPDATE_MEDIA_TYPE,
      headers: { [IDEMPOTENCY_KEY_HEADER]: chance.uuid() },
      afterMs: i === 0 ? 100 + ms : 0,
    })
  }
}
