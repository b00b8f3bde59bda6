import { HeadingNode, QuoteNode, registerRichText } from '@lexical/rich-text'
import { createEditor } from 'lexical'
import { bindLexical } from './bindLexical'
import { find, openDocument } from './document'
import './style.css'
import './editor.css'

const { provider, person } = openDocument('lexical')

const editor = createEditor({
  namespace: 'y-electric',
  nodes: [HeadingNode, QuoteNode],
  theme: { text: { underline: 'underline' } },
  onError: console.error,
})
const text = find('#text')
text.contentEditable = 'true'
editor.setRootElement(text)
registerRichText(editor)
bindLexical(editor, provider, person, find('#carets'))
