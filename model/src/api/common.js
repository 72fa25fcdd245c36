import { z } from 'zod';
/** RFC 3339 UTC with up to nine fraction digits. */
export const instant = z.string().describe('RFC 3339 UTC, up to nanoseconds');
export const ms = z.number().describe('milliseconds');
export const count = z.number().int().nonnegative();
export const key = z.object({
    type: z.string(),
    value: z.string(),
    relation: z.enum(['same', 'child-of', 'touches']),
});
/** RFC 9457 problem details; `remedy` says what to do. */
export const problem = z.object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    remedy: z.string().optional(),
    /** Where in the query text the fault is: offset and length in characters. */
    at: z.object({ offset: count, length: count }).optional(),
});
export function page(item) {
    return z.object({ items: z.array(item), next: z.string().nullable() });
}
//# sourceMappingURL=common.js.map