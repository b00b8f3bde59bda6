// Makes blocks like a back end, and lists the names of nodes and marks.
import { readFile } from 'node:fs/promises'
import { expect } from 'vitest'
import * as Y from 'yjs'

export function block(name: string, ...children: (Y.XmlElement | Y.XmlText)[]): Y.XmlElement {
  const element = new Y.XmlElement(name)
  element.insert(0, children)
  return element
}

const words = (text: string, attributes?: object): Y.XmlText => {
  const made = new Y.XmlText()
  made.applyDelta([{ insert: text, ...(attributes === undefined ? {} : { attributes }) }])
  return made
}

export const paragraph = (text: string, attributes?: object) =>
  block('paragraph', words(text, attributes))

/** The names of nodes and marks that the server's import creates from HTML elements. */
export async function importedNames(): Promise<string[]> {
  const files = ['nodes.ts', 'marks.ts'].map(
    (name) => new URL(`../../packages/documents/src/content/html/${name}`, import.meta.url),
  )
  const source = (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\n')
  const tables = [...source.matchAll(/^export const HTML_(?:NODES|MARKS)\b.*?^\}/gms)].join('\n')
  const names = [...tables.matchAll(/^ {2}(\w+): (?:\{|media\()/gm)].map(([, name]) => name ?? '')
  expect(names).toContain('tableCell')
  expect(names).toContain('video')
  expect(names).toContain('superscript')
  return names
}

export function namesIn(fragment: Y.XmlFragment): Set<string> {
  const names = new Set<string>()
  const visit = (child: unknown) => {
    if (child instanceof Y.XmlElement) names.add(child.nodeName)
    if (child instanceof Y.XmlText) {
      for (const { attributes } of child.toDelta()) {
        for (const name of Object.keys(attributes ?? {})) names.add(name)
      }
    } else if (child instanceof Y.XmlFragment) child.toArray().forEach(visit)
  }
  visit(fragment)
  return names
}
