import { availableParallelism } from 'node:os'
import { defaultClientConditions, defaultServerConditions } from 'vite'
import { configDefaults, defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

// Unit tests use the sources of workspace packages, which Vitest transforms. All other tests use the
// build, which Node loads as it does for an app. Node loads `yjs` in both cases, so that it exists once.
const sourceCondition = 'y-electric-source'
/** Without `development`: the packages that parse Markdown have slower files for it, which no app loads. */
const asInProduction = (condition: string): boolean => condition !== 'development|production'
const fromSource = {
  resolve: { conditions: [sourceCondition, ...defaultClientConditions.filter(asInProduction)] },
  ssr: {
    resolve: { conditions: [sourceCondition, ...defaultServerConditions.filter(asInProduction)] },
  },
}
const built = { deps: { external: [/\/(packages|apps)\/[^/]+\/dist\//] } }

const deep = process.env.Y_ELECTRIC_DEEP === '1'
const seconds = 1_000
/** A deep test takes minutes on an idle machine. This only limits a test that hangs. */
const deepTimeout = 1_800 * seconds

// Twice the number of processors, since most tests wait for a stream, a browser or a timer about half of
// their time.
const workers = Math.max(2, Math.min(8, availableParallelism() * 2))

// Each process compiles PGlite's 10 MB of WebAssembly. V8's baseline compiler is done with it in a
// fraction of the time, and runs the same instructions. Optimising it pays only in a deep run, where a
// process uses PGlite for minutes.
const execArgv = deep ? [] : ['--liftoff-only']

/** Files that take long, most of it waiting: begun last, they would keep everybody waiting. */
const long =
  /(test|tools)\/(conformance|readme\/commands|replay|browser\/(editor|inspector|showcase|foreign|connections)|production\/durability)|database\/pglite\.test|check-property|folderLock|tabs-random|simulation/

/** The files that take longest in a deep run, which repeats their random tests many times. */
const longInDeep =
  /fuzz\/smoke|content\/(restore|diff|round-trip)\.test|compaction\/(schedules|model)|inspect\/(tiptap|badRows)|browser\/guard|persistence\/damage|twins|deletion\/schedules|examples\/examples|servers\/frameworks/

/**
 * A worker takes the next file if it belongs to the same project. Otherwise it ends, and a new one loads
 * the packages again, which costs a second of processor time.
 */
const projectOrder = ['browser', 'alone', 'integration', 'unit']

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const rank = ({ moduleId, project }: TestSpecification): number => {
      const isLong = long.test(moduleId) || (deep && longInDeep.test(moduleId))
      return projectOrder.indexOf(project.name) * 2 + (isLong ? 0 : 1)
    }
    return sorted.sort((one, other) => rank(one) - rank(other))
  }
}

/** Files that replace globals (clocks, the page) or count running tasks. Each gets its own process. */
const alone = ['test/presence/time.test.ts', 'tools/fuzz/engine.test.ts', 'test/bindings/*.test.ts']

const never = [...configDefaults.exclude, '**/dist/**', '**/.artifacts/**', 'test/data/**']
const globalSetup = ['test/harness/globalPostgres.ts']

export default defineConfig({
  // What Vitest would choose, without `development`.
  ssr: { resolve: { conditions: ['node'] } },
  test: {
    sequence: { sequencer: LongestFirst },
    // The code under test opens sockets and real timers. Each file gets its own process, so that none can
    // hang the others.
    pool: 'forks',
    execArgv,
    // Vitest waits for one second, which work on a busy machine can take.
    expect: { poll: { timeout: (deep ? 120 : 60) * seconds } },
    projects: [
      {
        extends: true,
        ...fromSource,
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.{ts,tsx}'],
          exclude: never,
          globalSetup: ['test/harness/globalPglite.ts'],
          // The files close everything that they open.
          isolate: false,
          maxWorkers: workers,
          // Only limits a test that hangs: on a busy machine each takes many times its usual time.
          testTimeout: deep ? deepTimeout : 120 * seconds,
          hookTimeout: 120 * seconds,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          server: built,
          include: ['test/**/*.test.ts', 'tools/**/*.test.ts'],
          exclude: [...never, 'test/browser/**', ...alone],
          globalSetup,
          // The files close everything that they open and patch nothing. So one process runs many files, and
          // the packages are loaded once.
          isolate: false,
          maxWorkers: workers,
          testTimeout: deep ? deepTimeout : 120 * seconds,
          hookTimeout: 120 * seconds,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          server: built,
          include: alone,
          exclude: never,
          globalSetup,
          maxWorkers: workers,
          testTimeout: deep ? deepTimeout : 120 * seconds,
          hookTimeout: 120 * seconds,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          server: built,
          include: ['test/browser/**/*.test.ts'],
          exclude: never,
          globalSetup: [...globalSetup, 'test/harness/globalBrowser.ts'],
          isolate: false,
          maxWorkers: workers,
          testTimeout: deep ? deepTimeout : 120 * seconds,
          hookTimeout: 120 * seconds,
          // Runs beside the others, so that the run does not wait for the last long file.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
