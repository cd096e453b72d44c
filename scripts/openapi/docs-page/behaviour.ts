/** What the page does beside showing: copy an example, filter routes, change between light and dark. Runs in browsers. */
export const behaviour = `
const root = document.documentElement
const theme = document.getElementById('theme')
const isDark = () =>
  root.style.colorScheme ? root.style.colorScheme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches
theme.addEventListener('click', () => {
  root.style.colorScheme = isDark() ? 'light' : 'dark'
})

const said = document.getElementById('said')
document.addEventListener('click', async (event) => {
  const button = event.target.closest('button.copy')
  if (!button) return
  const text = button.closest('figure').querySelector('pre').textContent
  try {
    await navigator.clipboard.writeText(text)
  } catch {
    // Without a secure context there is no clipboard: select the text, for the person to copy.
    getSelection().selectAllChildren(button.closest('figure').querySelector('pre'))
    said.textContent = 'Selected'
    return
  }
  button.textContent = 'Copied'
  said.textContent = 'Copied'
  setTimeout(() => {
    button.textContent = 'Copy'
  }, 1500)
})

const filter = document.getElementById('filter')
filter.addEventListener('input', () => {
  const words = filter.value.toLowerCase().split(/\\s+/).filter(Boolean)
  for (const group of document.querySelectorAll('nav .group')) {
    let shown = 0
    for (const entry of group.querySelectorAll('li')) {
      entry.hidden = !words.every((word) => entry.textContent.toLowerCase().includes(word))
      if (!entry.hidden) shown += 1
    }
    group.hidden = shown === 0
  }
})
document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.target.closest('input')) return
  event.preventDefault()
  filter.focus()
})
`
