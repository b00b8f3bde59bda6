import { loadDriver } from './driver.ts'

/** A LevelDB, of which only keys and values are read. */
export interface LevelDb {
  keys(): AsyncIterable<Uint8Array>
  get(key: Uint8Array): Promise<Uint8Array | undefined>
  close(): Promise<void>
}

/** `classic-level`, and `level` since version 8. */
type LevelClass = new (folder: string, options: object) => LevelDb & { open(): Promise<void> }

/** `level` before version 8, on which `y-leveldb` 0.1 and so the server of y-websocket depend. */
type OpenOlder = (
  folder: string,
  options: object,
  done: (error: Error | undefined, level: OlderLevel) => void,
) => void

interface OlderLevel {
  createKeyStream(): AsyncIterable<Uint8Array>
  get(key: Uint8Array): Promise<Uint8Array>
  close(): Promise<void>
}

interface Driver {
  readonly ClassicLevel?: LevelClass
  readonly Level?: LevelClass
  readonly default: OpenOlder
}

const optionsFor = (bytes: 'buffer' | 'binary') => ({
  keyEncoding: bytes,
  valueEncoding: bytes,
  createIfMissing: false,
})

/**
 * Opens a folder of LevelDB with the driver of the project.
 * @throws {ConfigError} if the project has none
 */
export async function openLevel(folder: string): Promise<LevelDb> {
  const { module } = await loadDriver('a LevelDB', ['classic-level', 'level'])
  const { ClassicLevel, Level, default: openOlder } = module as Driver
  const Class = ClassicLevel ?? Level
  if (Class === undefined) return openWithOlder(openOlder, folder)
  const level = new Class(folder, optionsFor('buffer'))
  await level.open()
  return level
}

async function openWithOlder(open: OpenOlder, folder: string): Promise<LevelDb> {
  const level = await new Promise<OlderLevel>((resolve, reject) => {
    open(folder, optionsFor('binary'), (error, opened) => (error ? reject(error) : resolve(opened)))
  })
  return {
    keys: () => level.createKeyStream(),
    get: (key) => level.get(key),
    close: () => level.close(),
  }
}
