// While edits are not saved, the editor shows since when and why, keeps the edits, and recovers.
import { expect, test } from 'vitest'
import { takeScreenshot } from '../harness/browser.ts'
import { isDeep } from '../harness/deep.ts'
import { eventually } from './eventually.ts'
import { badge, badgeSays, shows, type, useVisitors } from './visitors.ts'

const { profileOf, openPage, visit } = useVisitors()

test('a person who loses write access can still read, and earlier edits are kept', async () => {
  const context = await profileOf('Ada')
  const error = { code: 'forbidden', message: 'you may not write here' }
  await context.route('**/updates', (route) => route.fulfill({ status: 403, json: { error } }))
  const ada = await openPage(context)
  await badge(ada, 'saved')
  await type(ada, 'Nobody takes this.')
  await badgeSays(ada, 'Refused: you may not change this document')
  await ada.getByText('are kept in this tab and on this device').waitFor()
  // The amount of text typed before the response depends on timing.
  const before = await ada.textContent('.prose')
  expect(before).toMatch(/^N/)
  await ada.keyboard.type(' And not this.')
  expect(await ada.textContent('.prose')).toBe(before)
  expect(await ada.locator('.prose').getAttribute('aria-readonly')).toBe('true')
  expect(await ada.locator('.toolbar').count()).toBe(0)
  await takeScreenshot(ada, 'showcase-refused')

  // Edits of others still arrive.
  const bob = await visit('Bob')
  await type(bob, 'Bob may.')
  await shows(ada, 'Bob may.')
  expect(await bob.textContent('.prose')).toBe('Bob may.')

  // A second try that is also refused does not make the page editable in between.
  await ada.evaluate(`
    window.wasEditable = false
    new MutationObserver(() => {
      window.wasEditable ||= document.querySelector('.prose').isContentEditable
    }).observe(document.querySelector('.page'), { attributes: true, subtree: true })
  `)
  const refusedAgain = ada.waitForResponse('**/updates')
  await ada.getByRole('button', { name: 'Try again' }).click()
  await refusedAgain
  await badgeSays(ada, 'Refused: you may not change this document')
  expect(await ada.evaluate('window.wasEditable')).toBe(false)

  await context.unroute('**/updates')
  await ada.getByRole('button', { name: 'Try again' }).click()
  await badge(ada, 'saved')
  await ada.locator('.prose[contenteditable=true]').waitFor()
  await type(ada, ' Now it is taken.')
  await shows(ada, 'Now it is taken.')
  await shows(bob, 'Now it is taken.')
  expect(await bob.textContent('.prose')).toContain(before)
})

test('the panel shows since when edits are unsaved, and when the last one was saved', {
  skip: !isDeep,
}, async () => {
  const context = await profileOf('Ada')
  const ada = await openPage(context)
  await badge(ada, 'saved')
  await ada.getByTestId('badge').click()
  const place = ada.locator('.place', { hasText: 'In the database' }).locator('dd')
  expect(await place.textContent()).toBe('all your edits')
  await ada.keyboard.press('Escape')
  await context.setOffline(true)
  await type(ada, 'Not yet.')
  await badgeSays(ada, 'Offline: your edits are kept on this device')
  await ada.getByTestId('badge').click()
  await eventually(async () =>
    expect(await place.textContent()).toMatch(/^not your edits since \d/),
  )
  await context.setOffline(false)
  await eventually(async () =>
    expect(await place.textContent()).toMatch(/^all your edits, the last at \d/),
  )
})

test('an edit that is too large can be removed, and the rest is sent', {
  skip: !isDeep,
}, async () => {
  const context = await profileOf('Ada')
  const error = { code: 'update_too_large', message: 'too large' }
  await context.route('**/updates', (route) =>
    (route.request().postDataBuffer()?.byteLength ?? 0) > 3_000
      ? route.fulfill({ status: 413, json: { error } })
      : route.continue(),
  )
  const ada = await openPage(context)
  await badge(ada, 'saved')
  await type(ada, 'Before. ')
  await badge(ada, 'saved')
  await ada.keyboard.insertText('x'.repeat(5_000))
  await badgeSays(ada, 'Refused: the latest edit is too large')
  await ada.keyboard.press('Control+z')
  await type(ada, 'After.')
  await ada.getByRole('button', { name: 'Try again' }).click()
  await badge(ada, 'saved')
  const bob = await visit('Bob')
  // Whether one undo also removes the words before depends on the typing speed.
  expect(await bob.textContent('.prose')).toMatch(/^(Before\. )?After\.$/)
})
