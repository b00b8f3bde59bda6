// Loaded into a server before it starts: on SIGUSR2 it collects garbage and says so, so that what is
// measured is what it holds and not what it has not thrown away yet.
process.on('SIGUSR2', () => {
  globalThis.gc?.()
  globalThis.gc?.()
})
