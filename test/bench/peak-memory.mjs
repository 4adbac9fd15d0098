/** With `node --import`: on exit, writes the process's peak resident memory (bytes) into the file LATEBLOOM_PEAK names. */
import { writeFileSync } from 'node:fs';

process.on('exit', () => {
  const file = process.env['LATEBLOOM_PEAK'];
  if (file !== undefined) writeFileSync(file, String(process.resourceUsage().maxRSS * 1024));
});
