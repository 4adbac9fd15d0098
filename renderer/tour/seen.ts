/** Where this browser remembers the tour: `seen` once it was ended, in whatever way. */
export const TOUR_KEY = 'latebloom.tour';
