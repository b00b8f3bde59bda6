// A provider fits the types of real editors without a cast. `npm run types` checks this file; it never runs.
import { BlockNoteEditor } from '@blocknote/core'
import { createBinding, initLocalState, type Provider } from '@lexical/yjs'
import CollaborationCaret from '@tiptap/extension-collaboration-caret'
import type { LexicalEditor } from 'lexical'
import { ElectricProvider, type ElectricProviderOptions, type ProviderAwareness } from 'y-electric'
import { Awareness } from 'y-protocols/awareness'
import type * as Y from 'yjs'

type Given = Pick<ElectricProviderOptions, 'url' | 'docId' | 'doc'>
type Is<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

export function fits(given: Given, lexical: LexicalEditor, users: Map<string, Y.Doc>): void {
  const provider = new ElectricProvider(given)

  CollaborationCaret.configure({ provider, user: { name: 'Quiet Heron' } })
  BlockNoteEditor.create({
    collaboration: {
      provider,
      fragment: given.doc.getXmlFragment('blocks'),
      user: { name: 'Quiet Heron', color: '#2b6cb0' },
    },
  })
  const forLexical: Provider = provider
  initLocalState(provider, 'Quiet Heron', '#2b6cb0', true, {})
  createBinding(lexical, provider, given.docId, given.doc, users)
  const plain: Awareness = provider.awareness

  // An awareness of the app is as good.
  const ofApp: Provider = new ElectricProvider({ ...given, awareness: new Awareness(given.doc) })
  const isShared: Is<typeof provider.awareness, ProviderAwareness> = true

  const silent = new ElectricProvider({ ...given, awareness: null })
  const isNull: Is<typeof silent.awareness, null> = true
  // @ts-expect-error a provider without presence has no carets to show
  const noLexical: Provider = silent
  const perhaps = new ElectricProvider({
    ...given,
    awareness: users.size > 0 ? new Awareness(given.doc) : null,
  })
  const isEither: Is<typeof perhaps.awareness, ProviderAwareness | null> = true
  const widest: ElectricProvider<Awareness | null>[] = [provider, silent, perhaps]

  void [forLexical, plain, ofApp, isShared, isNull, noLexical, isEither, widest]
}
