/** How a test's diagnostic begins that tells of something it tried again; `functional.ts` repeats such lines at the end. */
export const FAILED_AT_FIRST = 'failed at first: '
