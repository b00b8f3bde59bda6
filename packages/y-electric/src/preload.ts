import {
  compactionModule,
  deviceModule,
  presenceModule,
  sharingModule,
  twinsModule,
} from './session/lazy-modules.ts'

/**
 * Loads everything that this package otherwise loads when it is first used: presence, shared streams,
 * compaction, persistence. For an app whose pages may lose the network before that, and for tests.
 * @throws {ElectricProviderError} `module_failed`; it may be called again
 */
export async function preload(): Promise<void> {
  const modules = [presenceModule, sharingModule, compactionModule, deviceModule, twinsModule]
  await Promise.all(modules.map((module) => module.load()))
}
