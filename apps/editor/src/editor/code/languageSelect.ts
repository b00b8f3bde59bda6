import { asField } from '../fields.ts'
import { choicesFor, type LanguageChoice } from './languages.ts'

/** The choice of the language on a code block. */
export interface LanguageSelect {
  readonly dom: HTMLSelectElement
  /** Shows the name that the code block stores. */
  show(stored: string): void
}

interface LanguageActions {
  readonly choose: (name: string) => void
  /** Goes back to the code. */
  readonly leave: () => void
}

export function languageSelect(actions: LanguageActions, isEditable: boolean): LanguageSelect {
  const dom = asField(document.createElement('select'), isEditable)
  dom.className = 'code-language'
  dom.contentEditable = 'false'
  dom.setAttribute('aria-label', 'Language of the code')
  let shown = ''
  // Of many code blocks few are changed, so the list is made for those.
  const fill = () => dom.replaceChildren(...choicesFor(shown).map(optionOf(shown)))
  dom.addEventListener('pointerdown', fill)
  dom.addEventListener('focus', fill)
  dom.addEventListener('change', () => actions.choose(dom.value))
  dom.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return
    event.preventDefault()
    actions.leave()
  })
  return {
    dom,
    show(stored) {
      shown = stored
      dom.dataset.language = stored
      const isListed = Array.from(dom.options).some(({ value }) => value === stored)
      // A list that is open would close if it were made again.
      if (isListed) dom.value = stored
      else {
        const own = choicesFor(stored).filter(({ value }) => value === stored)
        dom.replaceChildren(...own.map(optionOf(stored)))
      }
    },
  }
}

const optionOf =
  (chosen: string) =>
  ({ value, label }: LanguageChoice): HTMLOptionElement =>
    new Option(label, value, value === chosen, value === chosen)
