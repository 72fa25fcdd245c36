/** The type of the key that a message's correlation id gives. */
export const CORRELATION_KEY = 'correlation';
//# sourceMappingURL=key.js.map