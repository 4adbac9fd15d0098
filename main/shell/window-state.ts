/** Where the window was when it was closed, and whether that place still exists. */
import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';

const windowState = z.strictObject({
  x: z.int(),
  y: z.int(),
  width: z.int().min(1),
  height: z.int().min(1),
  maximized: z.boolean(),
});

export type WindowState = z.infer<typeof windowState>;

export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface WindowPlace {
  /** Absent: the window is centred. */
  x?: number;
  y?: number;
  width: number;
  height: number;
  maximized: boolean;
}

export const MIN_WIDTH = 900;
export const MIN_HEIGHT = 600;
const DEFAULT_WIDTH = 1280;
const DEFAULT_HEIGHT = 860;
/** At least this much of the title bar has to be on a display, in pixels. */
const GRIP = 100;

/** The kept place when it can still be reached on one of the displays' work areas, else the default one. */
export function windowPlace(kept: WindowState | null, workAreas: readonly Rectangle[]): WindowPlace {
  if (kept === null || !workAreas.some((area) => canBeGripped(kept, area))) {
    return { width: DEFAULT_WIDTH, height: DEFAULT_HEIGHT, maximized: kept?.maximized ?? false };
  }
  const { width, height } = kept;
  return { ...kept, width: Math.max(width, MIN_WIDTH), height: Math.max(height, MIN_HEIGHT) };
}

function canBeGripped(state: Rectangle, area: Rectangle): boolean {
  const visible = Math.min(state.x + state.width, area.x + area.width) - Math.max(state.x, area.x);
  return visible >= GRIP && state.y >= area.y && state.y <= area.y + area.height - GRIP;
}

/** Null where there is none yet, or what is there is not one: then the window opens in its default place. */
export async function readWindowState(file: string): Promise<WindowState | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    return windowState.parse(JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}

export async function writeWindowState(file: string, state: WindowState): Promise<void> {
  await writeFile(file, `${JSON.stringify(state)}\n`);
}
