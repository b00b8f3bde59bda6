// `provider.facts` and the `change` event, to which a React component subscribes.
import { expect, test } from 'vitest'
import type { ProviderFacts } from 'y-electric'
import { connected, useProviderSetup } from './setup.ts'

const setup = useProviderSetup()

test('the facts are one frozen object that stays the same until the change event', async () => {
  const { provider, type } = await connected(setup.open())
  const before = provider.facts
  expect(Object.isFrozen(before)).toBe(true)
  expect(provider.facts).toBe(before)
  const seen: ProviderFacts[] = []
  provider.on('change', (facts) => {
    expect(provider.facts).toBe(facts)
    seen.push(facts)
  })
  type('a')
  await provider.whenSaved()
  expect(seen.map(({ saved }) => saved)).toEqual([false, true])
  expect(new Set([before, ...seen]).size).toBe(3)
  expect(provider.facts).toBe(seen.at(-1))
})

test('one change event reports all facts that an event changed, before the events of each fact', async () => {
  const { provider } = await connected(setup.open())
  const told: unknown[] = []
  provider.on('change', ({ status, synced }) => told.push({ status, synced }))
  provider.on('status', ({ status }) => told.push(status))
  provider.on('synced', (synced) => told.push(synced))
  provider.disconnect()
  expect(told).toEqual([{ status: 'closed', synced: false }, 'closed', false])
})

test('every member of the provider that is a fact equals it', async () => {
  const { provider, type } = await connected(setup.open())
  type('a')
  await provider.whenSaved()
  const { facts } = provider
  for (const name of Object.keys(facts) as (keyof ProviderFacts)[])
    expect(provider[name]).toBe(facts[name])
})
