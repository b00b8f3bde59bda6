import type { Choices } from '../engine/choices.ts'
import { jsonText, NAMES, STRINGS } from './values.ts'

const NODES = [
  ...['paragraph', 'heading', 'blockquote', 'codeBlock', 'bulletList', 'orderedList', 'listItem'],
  ...['taskList', 'taskItem', 'image', 'hardBreak', 'horizontalRule', 'table', 'tableRow'],
  ...['tableCell', 'tableHeader', 'doc', 'text', 'script', 'mention', '', '__proto__', 'ünï'],
] as const
const MARKS = [
  'bold',
  'italic',
  'link',
  'code',
  'strike',
  'textStyle',
  'highlight',
  '__proto__',
] as const
const ATTRS = [
  ...['level', 'href', 'src', 'start', 'checked', 'colspan', 'colwidth', 'language', 'textAlign'],
  ...['style', 'alt', 'title', 'id', 'class', 'color', '__proto__', 'constructor', ''],
] as const

const object = (entries: readonly string[]): string => `{${entries.join(',')}}`
const entry = (key: string, json: string): string => `${JSON.stringify(key)}:${json}`
const array = (parts: readonly string[]): string => `[${parts.join(',')}]`

const attrs = (choices: Choices): string =>
  choices.oneIn(12)
    ? jsonText(choices)
    : object(choices.list(0, 3, () => entry(choices.pick(ATTRS), jsonText(choices))))

/** A ProseMirror document as text: any nodes in any nodes, with any attributes and marks. */
export function anyProsemirror(choices: Choices): string {
  return choices.oneIn(20)
    ? nested(choices)
    : object([
        entry('type', '"doc"'),
        entry('content', array(choices.list(0, 4, () => node(choices, 0)))),
      ])
}

function node(choices: Choices, depth: number): string {
  const marks = () =>
    entry(
      'marks',
      array(
        choices.list(0, 3, () =>
          object([
            entry('type', JSON.stringify(choices.pick(MARKS))),
            entry('attrs', attrs(choices)),
          ]),
        ),
      ),
    )
  if (depth > 4 || choices.oneIn(3)) {
    const text = choices.oneIn(15)
      ? jsonText(choices)
      : JSON.stringify(choices.list(0, 3, () => choices.pick(STRINGS)).join(''))
    const parts = [entry('type', '"text"'), entry('text', text)]
    return object(choices.oneIn(2) ? parts : [...parts, marks()])
  }
  const parts = [entry('type', JSON.stringify(choices.pick(NODES)))]
  if (choices.oneIn(2)) parts.push(entry('attrs', attrs(choices)))
  if (!choices.oneIn(4))
    parts.push(entry('content', array(choices.list(0, 3, () => node(choices, depth + 1)))))
  if (choices.oneIn(5)) parts.push(marks())
  return object(parts)
}

function nested(choices: Choices): string {
  const depth = choices.pick([10, 100, 1_000, 5_000])
  const type = choices.pick(['blockquote', 'bulletList', 'listItem', 'table', 'paragraph'])
  return `{"type":"doc","content":[${`{"type":"${type}","content":[`.repeat(depth)}${']}'.repeat(depth)}]}`
}

/** All roots of a document as JSON, with valid and invalid markers of this format. */
export function anyDocumentJson(choices: Choices): string {
  return object(choices.list(0, 4, () => entry(choices.pick(NAMES), value(choices, 0))))
}

const MARKERS = [
  ...['$bytes', '$bigint', '$number', '$undefined', '$subdocument', '$object', '$delta', '$shared'],
  ...['$text', '$xmlText', '$xmlElement', '$xmlFragment', '$xmlHook'],
] as const

function value(choices: Choices, depth: number): string {
  if (depth > 3) return jsonText(choices)
  return choices.weighted<string>([
    [3, () => jsonText(choices)],
    [3, () => object([entry(choices.pick(MARKERS), value(choices, depth + 1))])],
    [2, () => object([entry('$delta', array(choices.list(0, 3, () => op(choices, depth))))])],
    [
      2,
      () => object(choices.list(0, 3, () => entry(choices.pick(NAMES), value(choices, depth + 1)))),
    ],
    [1, () => array(choices.list(0, 3, () => value(choices, depth + 1)))],
    [
      1,
      () =>
        object([entry('$bigint', choices.pick(['"1"', '"99999999999999999999999"', '"x"', '1']))]),
    ],
    [1, () => object([entry('$subdocument', object([entry('guid', jsonText(choices))]))])],
    [1, () => anyProsemirror(choices)],
  ])
}

const op = (choices: Choices, depth: number): string =>
  object([
    entry(
      'insert',
      choices.oneIn(2) ? JSON.stringify(choices.pick(STRINGS)) : value(choices, depth + 1),
    ),
    ...(choices.oneIn(2) ? [entry('attributes', attrs(choices))] : []),
  ])
