/** The two channels between the page and the host: calls with their answers, and events. */
export const CALL_CHANNEL = 'latebloom:call';
export const EVENT_CHANNEL = 'latebloom:event';
