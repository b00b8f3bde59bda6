import { access } from 'node:fs/promises'
import path from 'node:path'
import * as decoding from 'lib0/decoding'
import { ConfigError } from '../config.ts'
import { UnusableStore } from './errors.ts'
import { type LevelDb, openLevel } from './level.ts'
import { type ForeignStore, v1 } from './store.ts'

/**
 * The folder of `y-leveldb`: an entry for each update, under `v1, name, update, number`. LevelDB lets one process open
 * it, and repairs it while it opens: stop the server, or read a copy.
 * @throws {UnusableStore} if it is not such a folder, or another process has it open
 */
export async function openYLeveldb(folder: string): Promise<ForeignStore> {
  // Otherwise LevelDB would create the folder before it says that there is nothing in it.
  await access(path.join(folder, 'CURRENT')).catch((cause: Error) => {
    throw new UnusableStore(`"${folder}" is not a folder of LevelDB: ${cause.message}`, { cause })
  })
  const level = await openLevel(folder).catch((cause: Error) => {
    if (cause instanceof ConfigError) throw cause
    const reason = cause.cause instanceof Error ? cause.cause.message : cause.message
    throw new UnusableStore(`"${folder}" cannot be opened (is a server using it?): ${reason}`, {
      cause,
    })
  })
  const documents = await readKeys(level)
  return {
    names: async () => [...documents.keys()].sort(),
    async updates(name) {
      const values = (documents.get(name) ?? []).map(({ key }) => level.get(key))
      return (await Promise.all(values)).flatMap((value) =>
        value === undefined ? [] : [v1(new Uint8Array(value))],
      )
    },
    close: () => level.close(),
  }
}

interface UpdateKey {
  readonly number: number
  readonly key: Uint8Array
}

/** The keys of all updates, by document. */
async function readKeys(level: LevelDb): Promise<ReadonlyMap<string, readonly UpdateKey[]>> {
  const documents = new Map<string, UpdateKey[]>()
  for await (const key of level.keys()) {
    const [version, name, kind, number] = partsOf(key)
    if (version !== 'v1' || kind !== 'update') continue
    if (typeof name !== 'string' || typeof number !== 'number') continue
    const keys = documents.get(name) ?? []
    keys.push({ number, key })
    documents.set(name, keys)
  }
  for (const keys of documents.values()) keys.sort((a, b) => a.number - b.number)
  return documents
}

/** The kinds of parts in a key: a text with its length before it, or 4 bytes, big-endian. */
const TEXT = 0
const NUMBER = 1

/** The parts of a key; empty for a key that another program wrote. */
function partsOf(key: Uint8Array): readonly (string | number)[] {
  const decoder = decoding.createDecoder(key)
  const parts: (string | number)[] = []
  try {
    while (decoding.hasContent(decoder)) {
      const kind = decoding.readUint8(decoder)
      if (kind === TEXT) parts.push(decoding.readVarString(decoder))
      else if (kind === NUMBER) parts.push(decoding.readUint32BigEndian(decoder))
      else return []
    }
  } catch {
    return []
  }
  return parts
}
