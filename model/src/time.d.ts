declare const unixNs: unique symbol;
/** An instant: nanoseconds since 1970-01-01T00:00:00Z. Always a bigint: a double loses nanoseconds. */
export type UnixNs = bigint & {
    readonly [unixNs]: true;
};
export declare const NS_PER_MS = 1000000n;
export declare const NS_PER_S = 1000000000n;
export declare function nsFromMs(ms: number): bigint;
/** Milliseconds with fraction; exact enough for durations, never used for instants. */
export declare function msFromNs(ns: bigint): number;
/** The instant of a `Date.now()` reading. */
export declare function instantFromMs(ms: number): UnixNs;
/** RFC 3339 in UTC with 3, 6 or 9 fraction digits, the fewest that lose nothing. */
export declare function formatInstant(at: UnixNs): string;
/** @returns undefined for anything but an RFC 3339 instant with up to nine fraction digits. */
export declare function parseInstant(text: string): UnixNs | undefined;
/** Milliseconds of `250ms`, `30s`, `5m`, `4h`, `14d`; undefined for anything else. */
export declare function parseDurationMs(text: string): number | undefined;
export {};
//# sourceMappingURL=time.d.ts.map