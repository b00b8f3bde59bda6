import type { Plant } from '../plant.ts'

/** Every fault that can be planted. */
export const PLANTS: readonly Plant[] = []
