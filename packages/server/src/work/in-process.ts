// Loads, when the server starts, all modules that jobs on the event loop import when they first need
// them. A dynamic import that fails once, for lack of a file descriptor say, fails for ever.
import '../compaction/verify.ts'
import '../content/build.ts'
import '../content/stats.ts'
import '../content/verify/rows.ts'
import '../content/verify/snapshots.ts'
import '../content/versions.ts'
import '../content/write.ts'
