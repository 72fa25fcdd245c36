/** A broken invariant is a fault of ours, never of the input: the message says so. */
export declare function invariant(holds: unknown, statement: string): asserts holds;
/** The end of a `switch` over a union. */
export declare function unreachable(value: never): never;
//# sourceMappingURL=invariant.d.ts.map