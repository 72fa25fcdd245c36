const TRACE_ID = /^[0-9a-f]{32}$/;
const SPAN_ID = /^[0-9a-f]{16}$/;
/** @returns undefined unless the text is 32 hex digits (any case) that are not all zero. */
export function traceId(text) {
    const lower = text.toLowerCase();
    return TRACE_ID.test(lower) && !/^0+$/.test(lower) ? lower : undefined;
}
/** @returns undefined unless the text is 16 hex digits (any case) that are not all zero. */
export function spanId(text) {
    const lower = text.toLowerCase();
    return SPAN_ID.test(lower) && !/^0+$/.test(lower) ? lower : undefined;
}
export function stepId(trace, span, isSharedServerHalf = false) {
    return `${trace}-${span}${isSharedServerHalf ? '.s' : ''}`;
}
//# sourceMappingURL=ids.js.map