// Guarded TipTap editors in a page, and documents that another client changes.
import { Editor, type Extension } from '@tiptap/core'
import { Collaboration } from '@tiptap/extension-collaboration'
import { Highlight } from '@tiptap/extension-highlight'
import { Image } from '@tiptap/extension-image'
import { TaskItem, TaskList } from '@tiptap/extension-list'
import { Plugin } from '@tiptap/pm/state'
import { StarterKit } from '@tiptap/starter-kit'
import { type GuardState, guardCollaboration } from 'y-electric/tiptap'
import * as Y from 'yjs'

type Child = Y.XmlElement | Y.XmlText

export function el(name: string, ...children: Child[]): Y.XmlElement {
  const element = new Y.XmlElement(name)
  element.insert(0, children)
  return element
}

export function words(text: string, attributes: object = {}): Y.XmlText {
  const made = new Y.XmlText()
  made.applyDelta([{ insert: text, attributes }])
  return made
}

export const p = (text: string, attributes?: object) => el('paragraph', words(text, attributes))

export const MARKS = ['bold', 'italic', 'strike', 'underline', 'code', 'link', 'highlight']

/** Fills a document with every node and every mark. */
function fill(fragment: Y.XmlFragment): void {
  const code = el('codeBlock', words('let a'))
  const heading = el('heading', words('Title'))
  heading.setAttribute('level', 2 as unknown as string)
  const link = p('link', { link: { href: 'https://example.org' } })
  fragment.insert(0, [
    p('First.'),
    heading,
    el('bulletList', el('listItem', p('one'))),
    el('orderedList', el('listItem', p('two'))),
    el('taskList', el('taskItem', p('three'))),
    el('blockquote', p('four')),
    code,
    el('horizontalRule'),
    el('image'),
    el('paragraph', words('five'), el('hardBreak'), words('six')),
    ...MARKS.filter((mark) => mark !== 'link').map((mark) => p(mark, { [mark]: {} })),
    link,
  ])
}

const extensions = (extra: readonly Extension[] = []) => [
  StarterKit.configure({ undoRedo: false, trailingNode: false }),
  Image,
  TaskList,
  TaskItem.configure({ nested: true }),
  Highlight.configure({ multicolor: true }),
  ...extra,
]

/** Makes a document, a document with the part that the server has saved, and another client that writes. */
export function documentWithWriters() {
  const saved = new Y.Doc()
  fill(saved.getXmlFragment('default'))
  const doc = new Y.Doc()
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(saved), 'provider')
  doc.on('update', (update: Uint8Array, origin: unknown) => {
    if (origin !== 'provider') Y.applyUpdate(saved, update)
  })
  return {
    doc,
    saved,
    /** Changes the document as another client. */
    plant(change: (fragment: Y.XmlFragment) => void): void {
      change(saved.getXmlFragment('default'))
      Y.applyUpdate(doc, Y.encodeStateAsUpdate(saved, Y.encodeStateVector(doc)), 'provider')
    },
    isSaved: (): boolean => Y.equalSnapshots(Y.snapshot(doc), Y.snapshot(saved)),
  }
}

/** Closes the open editors, in the order in which they were opened. */
const closings = new Set<() => void>()

export function closeAll(): void {
  for (const close of closings) close()
}

/** The ways in which an app may derive an extension from the guarded one. */
export const VARIANTS = {
  'used as it is': (guarded) => guarded,
  'configured again': (guarded) => guarded.configure({ provider: null }),
  'extended with a name': (guarded) => guarded.extend({ name: 'ourCollaboration' }),
  'extended with a plugin': (guarded) =>
    guarded.extend({
      addProseMirrorPlugins() {
        return [...(this.parent?.() ?? []), new Plugin({})]
      },
    }),
  'extended and configured again': (guarded) => guarded.extend({ priority: 900 }).configure({}),
} as const satisfies Record<string, (guarded: typeof Collaboration) => typeof Collaboration>

export function open(
  doc: Y.Doc,
  extra: readonly Extension[] = [],
  isCareless = false,
  variant: keyof typeof VARIANTS = 'used as it is',
) {
  const element = document.createElement('div')
  document.body.append(element)
  const stops: GuardState[] = []
  const errors: string[] = []
  let recovered = 0
  const editor = new Editor({
    element,
    extensions: [
      ...extensions(extra),
      VARIANTS[variant](
        guardCollaboration(Collaboration.configure({ document: doc }), {
          onStop: (state) => {
            stops.push(state)
            if (isCareless) throw new Error('the app failed')
          },
          onRecover: () => recovered++,
        }),
      ),
    ],
    // TipTap throws the error by default.
    ...(isCareless ? {} : { onContentError: ({ error }) => errors.push(error.message) }),
  })
  const close = () => {
    closings.delete(close)
    editor.destroy()
    element.remove()
  }
  closings.add(close)
  return {
    editor,
    stops,
    errors,
    get recovered() {
      return recovered
    },
    /** Inserts text like a key press. */
    type: (text: string) => editor.view.dispatch(editor.view.state.tr.insertText(text, 1)),
    close,
  }
}

/** The text of a document in document order. */
export const textIn = (fragment: Y.XmlFragment): string =>
  [...fragment.createTreeWalker((each) => each instanceof Y.XmlText)]
    .flatMap((text) => (text as unknown as Y.XmlText).toDelta() as { insert: string }[])
    .map(({ insert }) => insert)
    .join('')
