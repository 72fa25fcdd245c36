/** Equal to the version in package.json; a test compares them. */
export const NAME = '@throughline/instrumentation';
export const VERSION = '0.1.0';
