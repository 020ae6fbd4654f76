/**
 * What a place in the code is a part of, by the first pattern that its address matches. Time in native functions counts for
 * whoever called them.
 */
const PHASES = [
  ['framing: cutting bytes into rows', /\/dist\/masters\/row-(framer|stream)/],
  [
    'rows: sections, sums, hashing',
    /^wasm:|xxhash|\/dist\/wire\/|\/dist\/audit\/(section|row-shape|kept-rows|in-turn)/
  ],
  [
    'start-up: modules, options, configuration',
    /internal\/(modules|bootstrap|main|vm)|\/dist\/(cli|config)\/|commander|\/zod\/|\/yaml\//
  ],
  ['planning: definitions, bounds, lanes, comparing', /\/dist\/(audit|sql|model|estimate)\/|p-limit|yocto-queue/],
  ['reports and checkpoints', /\/dist\/(report|checkpoint|files)\/|csv-stringify/],
  ['driver and sessions', /\/mysql2\/|\/dist\/masters\//],
  ['socket: event loop and streams', /^node:(internal\/)?(net|stream|streams|tls|timers|process)/]
]

/** What V8 tells apart itself. */
const STATES = new Map([
  ['(idle)', 'waiting for the servers'],
  ['(program)', 'socket: in the kernel and in libuv'],
  ['(garbage collector)', 'garbage collection'],
  ['(root)', 'other']
])

/**
 * Condenses a profile of `node --cpu-prof`.
 * @returns `[{ phase, seconds, share }]` of the main thread's wall time, largest first.
 */
export function phasesOf({ nodes, samples, timeDeltas }) {
  const phases = phaseOfNodes(nodes)
  const seconds = new Map()
  for (const [at, id] of samples.entries()) {
    const phase = phases.get(id)
    seconds.set(phase, (seconds.get(phase) ?? 0) + timeDeltas[at] / 1e6)
  }
  const total = [...seconds.values()].reduce((sum, each) => sum + each, 0)
  return [...seconds]
    .map(([phase, took]) => ({ phase, seconds: took, share: took / total }))
    .sort((left, right) => right.seconds - left.seconds)
}

/** The phase of each node of the call tree, by its id. */
function phaseOfNodes(nodes) {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const phases = new Map()
  const visit = (id, callers) => {
    const { callFrame, children = [] } = byId.get(id)
    const phase = STATES.get(callFrame.functionName) ?? phaseOfAddress(callFrame.url) ?? callers
    phases.set(id, phase)
    for (const child of children) visit(child, phase)
  }
  visit(nodes[0].id, 'other')
  return phases
}

function phaseOfAddress(url) {
  return PHASES.find(([, pattern]) => pattern.test(url))?.[0] ?? null
}
