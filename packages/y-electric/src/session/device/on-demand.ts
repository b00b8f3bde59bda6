// A file of its own, because bundlers warn about a module that is imported in both ways.
export { createDevice } from './device.ts'
