// A benchmark loads this module into a server before the server starts. On SIGUSR2 it collects garbage and
// reports when it has finished, so that a reading of the memory does not include garbage.
process.on('SIGUSR2', () => {
  globalThis.gc?.()
  globalThis.gc?.()
})
