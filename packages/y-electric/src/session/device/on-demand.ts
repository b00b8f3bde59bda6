// A file of its own, because bundlers warn about a module that is imported in both ways.
export { deviceCode } from './device.ts'
