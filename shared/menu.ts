/** The application menu as the window says it: the desktop draws it and gives back the ids of what is clicked. */
import { z } from 'zod';

export const menuNames = ['file', 'view', 'run', 'help'] as const;
export type MenuName = (typeof menuNames)[number];

const menuEntry = z.strictObject({
  id: z.string().min(1).max(100),
  menu: z.enum(menuNames),
  title: z.string().min(1).max(100),
  enabled: z.boolean(),
  /** Whether it is one of a choice, and the chosen one; null for a plain command. */
  checked: z.boolean().nullable(),
  /** Electron's words for a shortcut that the menu answers itself; null for none. */
  accelerator: z
    .string()
    .regex(/^CmdOrCtrl\+(Shift\+)?[A-Z]$/)
    .nullable(),
  /** Whether a line stands before it. */
  separated: z.boolean(),
});

export type MenuEntry = z.infer<typeof menuEntry>;

/** Checks what came from a window. */
export const menuEntries = z.array(menuEntry).max(60);
