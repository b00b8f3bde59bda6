import { Board, type Card, COLUMNS } from './board'
import { find, openDocument } from './document'
import './style.css'
import './editor.css'

const { doc } = openDocument('kanban')
const board = new Board(doc)
/** The keys that move a card: how many columns to the right, and how many places down. */
const STEPS: Readonly<Record<string, readonly [columns: number, places: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

/** The elements of the cards are kept, so that a title that somebody types stays when another card changes. */
const elements = new Map<string, HTMLElement>()

for (const column of COLUMNS) {
  const section = document.createElement('section')
  section.innerHTML = `
    <h2>${column}</h2>
    <ol></ol>
    <form><input placeholder="Add a card" aria-label="Add a card to ${column}" /></form>`
  section.addEventListener('dragover', (event) => event.preventDefault())
  section.addEventListener('drop', (event) => {
    event.preventDefault()
    const id = event.dataTransfer?.getData('text/plain') ?? ''
    const target = (event.target as Element).closest<HTMLElement>('li')
    if (target?.dataset.id !== id) board.move(id, column, target?.dataset.id ?? null)
  })
  section.querySelector('form')?.addEventListener('submit', (event) => {
    event.preventDefault()
    const input = section.querySelector<HTMLInputElement>('form input')
    if (input === null || input.value.trim() === '') return
    board.add(input.value.trim(), column)
    input.value = ''
  })
  section.dataset.column = column
  find('#editor').append(section)
}

board.onChange(show)
show()

function show(): void {
  const shown = new Set<string>()
  for (const column of COLUMNS) {
    const cards = board.cardsIn(column)
    const items = cards.map((card) => elementOf(card))
    const list = find(`section[data-column="${column}"] ol`)
    // An element that stays at its place keeps its focus.
    items.forEach((item, index) => {
      if (list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null)
    })
    for (const { id } of cards) shown.add(id)
  }
  for (const [id, element] of elements) {
    if (shown.has(id)) continue
    element.remove()
    elements.delete(id)
  }
}

function elementOf(card: Card): HTMLElement {
  const element = elements.get(card.id) ?? newElement(card)
  const title = element.querySelector('input')
  // A title that is being typed is stored when the field is left.
  if (title !== null && !isTyped(title)) title.value = card.title
  if (title !== null) title.defaultValue = card.title
  return element
}

function newElement({ id }: Card): HTMLElement {
  const item = document.createElement('li')
  item.dataset.id = id
  item.draggable = true
  // A drag that begins in the field selects its text, so a card has a handle.
  item.innerHTML = `
    <span role="button" tabindex="0" aria-label="Move with the arrow keys, or drag">⠿</span>
    <input aria-label="Title" />
    <button aria-label="Delete">×</button>`
  item.addEventListener('dragstart', (event) => event.dataTransfer?.setData('text/plain', id))
  const handle = item.querySelector('span')
  handle?.addEventListener('keydown', (event) => {
    const step = STEPS[event.key]
    if (step === undefined) return
    event.preventDefault()
    board.step(id, ...step)
    // An element that gets another place loses its focus.
    handle.focus()
  })
  const title = item.querySelector('input')
  title?.addEventListener('change', () => board.rename(id, title.value))
  title?.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') title.blur()
  })
  item.querySelector('button')?.addEventListener('click', () => board.remove(id))
  elements.set(id, item)
  return item
}

const isTyped = (input: HTMLInputElement): boolean => input.value !== input.defaultValue

addEventListener('keydown', (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'z') return
  // In a field with typed letters, the browser takes these back.
  if (event.target instanceof HTMLInputElement && isTyped(event.target)) return
  event.preventDefault()
  if (event.shiftKey) board.undoManager.redo()
  else board.undoManager.undo()
})
