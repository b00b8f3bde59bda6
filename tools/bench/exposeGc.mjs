// Loaded into a server before it starts. On SIGUSR2 it collects garbage and reports that, so that a reading
// of the memory does not include garbage.
process.on('SIGUSR2', () => {
  globalThis.gc?.()
  globalThis.gc?.()
})
