import { ElectricProviderError } from '../errors.ts'
import { docIdProblem } from '../protocol/limits.ts'
import { type Connection, createConnection, isServer } from './connection.ts'
import { SharedDocument } from './document.ts'
import type { DocumentOptions } from './options.ts'

/** The open documents of this page, by server, credentials and id. */
const documents = new Map<string, SharedDocument>()

/** The connections of open documents, so that all of them get the newest headers. */
const connections = new Map<string, Connection>()

/**
 * The connection of these options: the one that open documents use, if there is one.
 * @throws {ElectricProviderError} `invalid_request`, if `url` is no address of a server
 */
export function connectionFor(options: DocumentOptions): Connection {
  const made = createConnection(options)
  return connections.get(made.key) ?? made
}

/** Gives the newest headers to all documents of the connection. */
export function renewHeaders(connection: Connection, headers: DocumentOptions['headers']): void {
  const current = connections.get(connection.key) ?? connection
  for (const one of [connection, current]) one.headers = headers ?? {}
}

/**
 * The document, which is opened if need be: the same object for all that ask until it is closed. It is closed again
 * if nobody holds it soon.
 * @throws {ElectricProviderError} `invalid_doc_id`
 */
export function findDocument(connection: Connection, docId: string): SharedDocument {
  const problem = docIdProblem(docId)
  if (problem !== null) throw new ElectricProviderError('invalid_doc_id', problem)
  // A server renders the pages of many people, and shares nothing between them.
  if (isServer()) return new SharedDocument(connection, docId, () => {})
  const key = JSON.stringify([connection.key, docId])
  const open = documents.get(key)
  const current = connections.get(connection.key) ?? connection
  const document = open ?? new SharedDocument(current, docId, () => forget(key, current))
  documents.set(key, document)
  connections.set(current.key, current)
  document.expectUser()
  return document
}

function forget(key: string, connection: Connection): void {
  documents.delete(key)
  const isUsed = [...documents.keys()].some((other) => JSON.parse(other)[0] === connection.key)
  if (!isUsed) connections.delete(connection.key)
}

/** The ids of the documents of this page that are open. For tests and tools. */
export const openDocuments = (): readonly string[] =>
  [...documents.keys()].map((key) => String(JSON.parse(key)[1]))
