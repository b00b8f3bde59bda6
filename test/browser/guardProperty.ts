// A property of guarded editors, checked with many random attributes.
import fc from 'fast-check'
import * as Y from 'yjs'
import { documentWithWriters, MARKS, open, textIn } from './guardEditors.ts'

const NODES = [
  'paragraph',
  'heading',
  'bulletList',
  'orderedList',
  'listItem',
  'taskList',
  'taskItem',
  'blockquote',
  'codeBlock',
  'horizontalRule',
  'image',
  'hardBreak',
]

/** Attributes of the schema. */
const KNOWN: readonly (readonly [where: string, name: string])[] = [
  ['heading', 'level'],
  ['orderedList', 'start'],
  ['taskItem', 'checked'],
  ['codeBlock', 'language'],
  ['image', 'src'],
  ['image', 'width'],
  ['link', 'href'],
  ['link', 'rel'],
  ['highlight', 'color'],
]

const NAMES = [
  ...['level', 'start', 'type', 'tight', 'checked', 'language', 'src', 'alt', 'title', 'width'],
  ...['href', 'target', 'rel', 'class', 'color', 'unknown', '__proto__', 'constructor', 'toJSON'],
]

/** The values that an attribute can have: any JSON, and the other values that Yjs can store. */
type Value =
  | { readonly kind: 'any'; readonly value: unknown }
  | { readonly kind: 'undefined' | 'bigint' | 'bytes' | 'type' | 'doc' }

const anyValue: fc.Arbitrary<Value> = fc.oneof(
  { weight: 8, arbitrary: fc.jsonValue().map((value) => ({ kind: 'any' as const, value })) },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom<unknown>(
        null,
        5,
        0,
        -1,
        1e9,
        '',
        'x',
        true,
        false,
        {},
        { a: 1 },
        [],
        [1],
        'javascript:1',
      )
      .map((value) => ({ kind: 'any' as const, value })),
  },
  fc.record({ kind: fc.constantFrom('undefined', 'bigint', 'bytes', 'type', 'doc') }),
)

function made(value: Value, isElement: boolean): unknown {
  // Yjs stores the attributes of marks as JSON.
  if (!isElement && value.kind !== 'any') return {}
  switch (value.kind) {
    case 'any':
      return value.value
    case 'undefined':
      return undefined
    case 'bigint':
      return 7n
    case 'bytes':
      return new Uint8Array([1, 2])
    case 'type':
      return new Y.Map()
    case 'doc':
      return new Y.Doc()
  }
}

interface Plan {
  readonly where: string
  readonly name: string
  readonly value: Value
  /** True if the value replaces all attributes of a mark, instead of one attribute. */
  readonly isWhole: boolean
}

const anyPlace = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...KNOWN) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom(...NODES, ...MARKS), fc.constantFrom(...NAMES)),
  },
)

const anyPlan: fc.Arbitrary<Plan> = fc
  .record({ place: anyPlace, value: anyValue, isWhole: fc.boolean() })
  .map(({ place: [where, name], ...plan }) => ({ where, name, ...plan }))

/** The letters of a text, without its marks. */
const wordsOf = (text: Y.XmlText): string =>
  text
    .toDelta()
    .map(({ insert }: { insert: unknown }) => (typeof insert === 'string' ? insert : ''))
    .join('')

/** Puts an attribute at the planned place. */
function put(fragment: Y.XmlFragment, { where, name, value, isWhole }: Plan): void {
  const all = [...fragment.createTreeWalker(() => true)] as unknown[]
  if (NODES.includes(where)) {
    const element = all.find(
      (each): each is Y.XmlElement => each instanceof Y.XmlElement && each.nodeName === where,
    )
    element?.setAttribute(name, made(value, true) as string)
    return
  }
  const texts = all.filter((each): each is Y.XmlText => each instanceof Y.XmlText)
  // Not by `toJSON`, which throws for an attribute whose own `toString` is not a function.
  const text = texts.find((each) => wordsOf(each).includes(where))
  const said = made(value, false)
  const attrs = isWhole ? said : Object.fromEntries([[name, said]])
  text?.format(0, text.length, { [where]: attrs })
}

const check = (isTrue: boolean, what: string): void => {
  if (!isTrue) throw new Error(what)
}

/** Checks one case, whose attributes arrive while an editor is open or before it opens. */
function holds(plans: readonly Plan[], isOpenBefore: boolean): 'edited' | 'stopped' {
  const { doc, saved, plant, isSaved } = documentWithWriters()
  const plantAll = () =>
    plant((fragment) => {
      for (const plan of plans) put(fragment, plan)
    })
  let opened = isOpenBefore ? open(doc) : null
  try {
    if (opened !== null) {
      check(opened.stops.length === 0, 'stopped without a reason')
      opened.type('Typed before. ')
      check(isSaved(), 'an edit before the change is not saved')
      check(
        textIn(saved.getXmlFragment('default')).includes('Typed before. '),
        'an edit before the change is lost',
      )
      plantAll()
    } else {
      plantAll()
      opened = open(doc)
    }
    check(isSaved(), 'showing the change has changed the document')
    const { editor, stops, errors } = opened
    const text = textIn(saved.getXmlFragment('default'))
    if (stops.length === 0) {
      check(editor.isEditable, 'the editor accepts no input, and has not stopped')
      check(editor.getText({ blockSeparator: '' }).replaceAll('\n', '') === text, 'text is missing')
      opened.type('Typed after. ')
      check(isSaved(), 'an edit after the change is not saved')
      check(textIn(saved.getXmlFragment('default')) === `Typed after. ${text}`, 'text is lost')
      check(stops.length === 0, 'the editor stopped because of an edit')
      return 'edited'
    }
    check(stops.length === 1 && errors.length === 1, 'the editor stopped more than once')
    check(!editor.isEditable, 'the editor has stopped and accepts input')
    check(editor.view.dom.contentEditable === 'false', 'the page accepts input')
    const before = editor.getText()
    opened.type('Typed after. ')
    editor.commands.insertContent('Typed after. ')
    check(editor.getText() === before, 'the editor shows input and loses it')
    check(isSaved(), 'a stopped editor has changed the document')
    check(textIn(saved.getXmlFragment('default')) === text, 'a stopped editor has written')
    return 'stopped'
  } finally {
    opened?.close()
    doc.destroy()
    saved.destroy()
  }
}

/** Counts the outcomes of the random cases. @throws with the smallest case that fails */
export function property(numRuns: number, seed: number): Record<string, number> {
  const counted: Record<string, number> = { edited: 0, stopped: 0 }
  const plans = fc.array(anyPlan, { minLength: 1, maxLength: 3 })
  fc.assert(
    fc.property(plans, fc.boolean(), (all, isOpenBefore) => {
      const way = holds(all, isOpenBefore)
      counted[way] = (counted[way] ?? 0) + 1
    }),
    { numRuns, seed, endOnFailure: true },
  )
  return counted
}
