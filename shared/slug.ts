import { z } from 'zod';

/** Identifiers are path-safe: they name folders on disk and files in a bundle. */
export const slug = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}$/)
  .describe('lower-case letters, digits and hyphens, at most 64');
