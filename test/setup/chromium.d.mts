/** The path of an installed Chromium, or null. */
export function findChromium(): string | null;
/** The path of a Chromium, installing Debian's where there is none. */
export function ensureChromium(): string;
