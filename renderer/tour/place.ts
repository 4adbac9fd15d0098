/** Where a popover stands beside what it is about. */

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Placement {
  left: number;
  top: number;
  /** The side of the anchor on which it stands; `over` where no side has room. */
  side: 'below' | 'above' | 'right' | 'left' | 'over';
  /** Where the arrow points out of it, along its edge. */
  arrow: number;
}

/** From the anchor to the popover. */
const GAP = 12;
/** From the popover to the edge of the window. */
const MARGIN = 12;
/** From the arrow to the popover's corner. */
const CORNER = 18;

/** Below where there is room, else above, to the right or to the left; always within the window where it fits there. */
export function placePopover(
  anchor: Box,
  size: { width: number; height: number },
  view: { width: number; height: number },
): Placement {
  const { width, height } = size;
  const middle = { x: anchor.left + anchor.width / 2, y: anchor.top + anchor.height / 2 };
  const left = within(middle.x - width / 2, width, view.width);
  const top = within(middle.y - height / 2, height, view.height);
  const beside = { arrow: along(middle.y - top, height), top };
  const over = { arrow: along(middle.x - left, width), left };
  const below = anchor.top + anchor.height + GAP;
  const above = anchor.top - GAP - height;
  const right = anchor.left + anchor.width + GAP;
  const toLeft = anchor.left - GAP - width;
  if (below >= MARGIN && below + height + MARGIN <= view.height)
    return { ...over, top: below, side: 'below' };
  if (above >= MARGIN && above + height + MARGIN <= view.height)
    return { ...over, top: above, side: 'above' };
  if (right >= MARGIN && right + width + MARGIN <= view.width)
    return { ...beside, left: right, side: 'right' };
  if (toLeft >= MARGIN && toLeft + width + MARGIN <= view.width)
    return { ...beside, left: toLeft, side: 'left' };
  return { ...over, top: within(view.height - MARGIN - height, height, view.height), side: 'over' };
}

function within(start: number, length: number, room: number): number {
  return Math.max(MARGIN, Math.min(start, room - MARGIN - length));
}

function along(at: number, length: number): number {
  return Math.min(Math.max(at, CORNER), length - CORNER);
}
