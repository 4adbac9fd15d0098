/** The channels between the page and the host: calls with their answers, and events. */
export const CALL_CHANNEL = 'latebloom:call';
export const EVENT_CHANNEL = 'latebloom:event';

/** Those between the page and the desktop around it (`ShellBridge`): what the page asks, and what it is told. */
export const SHELL_CHANNEL = 'latebloom:shell';
export const COMMAND_CHANNEL = 'latebloom:command';
export const FILE_CHANNEL = 'latebloom:file';
