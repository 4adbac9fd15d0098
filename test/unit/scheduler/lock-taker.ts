/** Tries to take a data folder, says how that went, and keeps it until the process is ended. */
import { HomeLock } from '../../../main/home.ts';
import { toErrorReport } from '../../../shared/errors.ts';

try {
  await HomeLock.acquire(process.argv[2] as string);
  console.log('taken');
} catch (error) {
  console.log(toErrorReport(error).code);
}
setInterval(() => undefined, 1000);
