import { createColumnMapper, isChangeMessage, type Operation, type Row } from '@electric-sql/client'
import { type Collection, createCollection } from '@tanstack/db'
import {
  type ElectricCollectionUtils,
  electricCollectionOptions,
} from '@tanstack/electric-db-collection'
import { arrivals } from './arrival.ts'
import type { CollectionOptions } from './options.ts'
import { MEMBERS, PARSERS } from './rows.ts'
import { errorOfRefusal, type Server, serverOf } from './server.ts'

/** A collection that reads a shape of the server, and writes by its routes. */
export type LiveCollection<T extends Row<unknown>> = Collection<
  T,
  string | number,
  ElectricCollectionUtils<T>
>

/** Tells whether a change of the shape is the one that a write made. */
export type IsIt<T> = (row: Partial<T>, operation: Operation) => boolean

/**
 * A shape, and how its rows are written. Each write resolves when the server has stored it.
 * @throws {ElectricProviderError}
 */
export interface Source<T extends Row<unknown>> {
  readonly path: string
  readonly keyOf: (row: T) => string | number
  readonly insert: (server: Server, row: T) => Promise<IsIt<T>>
  readonly update: (server: Server, row: T, changes: Partial<T>) => Promise<IsIt<T>>
  readonly remove: (server: Server, row: T) => Promise<IsIt<T>>
}

/**
 * Creates the collection of a shape. A transaction that writes several rows sends them one after the other: if the server
 * refuses one, those before it stay stored, and the shape brings them back.
 * @throws {ElectricProviderError} `invalid_request`, if `url` is no address of a server
 */
export function liveCollection<T extends Row<unknown>>(
  options: CollectionOptions,
  { path, keyOf, insert, update, remove }: Source<T>,
): LiveCollection<T> {
  const { id, gcTime, startSync, onError } = options
  const server = serverOf(options)

  async function eachOf<M>(mutations: readonly M[], write: (mutation: M) => Promise<IsIt<T>>) {
    for (const mutation of mutations) {
      const arrived = arrivals(collection.utils)
      const isIt = await write(mutation)
      await arrived(
        (message) => isChangeMessage(message) && isIt(message.value, message.headers.operation),
      )
    }
  }

  const collection: LiveCollection<T> = createCollection(
    electricCollectionOptions<T>({
      ...(id !== undefined && { id }),
      ...(gcTime !== undefined && { gcTime }),
      ...(startSync !== undefined && { startSync }),
      getKey: keyOf,
      shapeOptions: {
        url: server.at(path),
        fetchClient: server.fetch,
        columnMapper: createColumnMapper({ ...MEMBERS }),
        parser: PARSERS,
        ...(onError !== undefined && {
          onError: (refusal: Error) => onError(errorOfRefusal(refusal)),
        }),
      },
      onInsert: ({ transaction }) =>
        eachOf(transaction.mutations, ({ modified }) => insert(server, modified)),
      onUpdate: ({ transaction }) =>
        eachOf(transaction.mutations, ({ original, changes }) => update(server, original, changes)),
      onDelete: ({ transaction }) =>
        eachOf(transaction.mutations, ({ original }) => remove(server, original)),
    }),
  )
  return collection
}
