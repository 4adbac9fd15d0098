/**
 * A Vulkan driver in software for the tests of WebGPU: SwiftShader, which comes with Debian's Chromium. A driver that
 * was chosen already stays. (Dawn refuses Debian's lavapipe.)
 */
import { existsSync } from 'node:fs';

const folder = '/usr/lib/chromium';

/** Variables that a process needs from its start; none where there is no SwiftShader. */
export function softwareVulkan(environment = process.env) {
  const driver = `${folder}/vk_swiftshader_icd.json`;
  const chosen = environment.VK_ICD_FILENAMES ?? environment.VK_DRIVER_FILES;
  if (chosen !== undefined || !existsSync(driver)) return {};
  const libraries = [environment.LD_LIBRARY_PATH, folder].filter((path) => path !== undefined);
  return { VK_ICD_FILENAMES: driver, LD_LIBRARY_PATH: libraries.join(':') };
}
