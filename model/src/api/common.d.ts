import { z } from 'zod';
/** RFC 3339 UTC with up to nine fraction digits. */
export declare const instant: z.ZodString;
export declare const ms: z.ZodNumber;
export declare const count: z.ZodNumber;
export declare const key: z.ZodObject<{
    type: z.ZodString;
    value: z.ZodString;
    relation: z.ZodEnum<{
        same: "same";
        "child-of": "child-of";
        touches: "touches";
    }>;
}, z.core.$strip>;
/** RFC 9457 problem details; `remedy` says what to do. */
export declare const problem: z.ZodObject<{
    type: z.ZodString;
    title: z.ZodString;
    status: z.ZodNumber;
    detail: z.ZodString;
    remedy: z.ZodOptional<z.ZodString>;
    at: z.ZodOptional<z.ZodObject<{
        offset: z.ZodNumber;
        length: z.ZodNumber;
    }, z.core.$strip>>;
}, z.core.$strip>;
export type Problem = z.infer<typeof problem>;
export declare function page<T extends z.ZodType>(item: T): z.ZodObject<{
    items: z.ZodArray<T>;
    next: z.ZodNullable<z.ZodString>;
}, z.core.$strip>;
export interface Page<T> {
    items: T[];
    next: string | null;
}
//# sourceMappingURL=common.d.ts.map