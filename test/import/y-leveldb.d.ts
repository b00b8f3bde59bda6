// The package has declarations, which its `exports` do not name.
declare module 'y-leveldb' {
  export class LeveldbPersistence {
    constructor(location: string)
    storeUpdate(docName: string, update: Uint8Array): Promise<number>
    setMeta(docName: string, metaKey: string, value: unknown): Promise<void>
    flushDocument(docName: string): Promise<void>
    destroy(): Promise<void>
  }
}
