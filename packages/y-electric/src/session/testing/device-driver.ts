// A device store with a real ledger, and calls that drive both.
import type { StoredEdits } from '../../core/adoption.ts'
import type { ResumePoint } from '../../core/connection.ts'
import type { DeviceChange } from '../../core/ledger/effects.ts'
import type { KeptDocument, LedgerEvent } from '../../core/ledger/events.ts'
import { beginLedger } from '../../core/ledger/state.ts'
import type { ElectricProviderError } from '../../errors.ts'
import { DevicePart, type DevicePartOptions } from '../device/device-part.ts'
import { LedgerLoop } from '../ledger-loop.ts'

export class DeviceDriver {
  readonly #loop: LedgerLoop
  readonly #store: DevicePart
  #onLoaded: (kept: KeptDocument) => void = () => {}
  #onTakenOver: (stored: StoredEdits) => void = () => {}

  constructor(
    options: Omit<DevicePartOptions, 'dispatch'>,
    onError: (error: ElectricProviderError) => void,
  ) {
    const dispatch = (event: LedgerEvent) => {
      this.#loop.dispatch(event)
      if (event.type === 'taken-over') this.#onTakenOver(event.stored)
    }
    this.#store = new DevicePart({ ...options, dispatch })
    this.#loop = new LedgerLoop({
      state: beginLedger({ now: 0, isBlank: true, hasDevice: true, hasTabs: false }),
      context: () => ({ now: 0, freshId: () => 'id', maxUpdateBytes: 1_000 }),
      run: (effect) => {
        if (effect.to === 'device') this.#store.run(effect)
        if (effect.to === 'app' && effect.type === 'report') onError(effect.error)
        if (effect.to !== 'document' || effect.type !== 'apply-kept') return
        const { kept } = effect
        this.#onLoaded(kept)
        dispatch({ type: 'kept-applied', kept, added: [], isWaiting: false })
      },
      onSettled: () => {},
    })
  }

  get isStored(): boolean {
    const { device } = this.#loop.state
    return device.type === 'open' && device.stored.all
  }

  load(onLoaded: (kept: KeptDocument) => void): Promise<void> {
    this.#onLoaded = onLoaded
    return this.#store.load()
  }

  edit(update: Uint8Array, batchId: string): void {
    this.#record({ type: 'edit', edit: { batchId, update } })
  }

  resumeAt(point: ResumePoint | null): void {
    this.#record({ type: 'resume', point })
  }

  whole(): void {
    this.#record({ type: 'whole' })
  }

  takeOver(): Promise<StoredEdits> {
    return new Promise((resolve) => {
      this.#onTakenOver = resolve
      this.#store.run({ to: 'device', type: 'take-over' })
    })
  }

  close(): Promise<void> {
    return this.#store.close()
  }

  #record(change: DeviceChange): void {
    this.#store.run({ to: 'device', type: 'record', change })
  }
}
