// Preloaded with NODE_OPTIONS=--import: leaves the most memory that the process ever held, in KiB, in the file named by
// MMAUDIT_TEST_PEAK_FILE.
import { writeFileSync } from 'node:fs'

process.on('exit', () => writeFileSync(process.env.MMAUDIT_TEST_PEAK_FILE, String(process.resourceUsage().maxRSS)))
