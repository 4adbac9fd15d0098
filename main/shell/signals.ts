/** What Electron's process tells the `latebloom` command that started it. */

/** Printed on stdout when the window is shown: from then on a failure is the window's own. */
export const READY_LINE = 'Latebloom is open in its window.';

/** Exit status when the workbench could not be opened; the reason is on stderr. */
export const REFUSED_STATUS = 3;
