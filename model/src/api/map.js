import { z } from 'zod';
import { count, instant, ms } from './common.js';
export const health = z.enum(['ok', 'warning', 'critical', 'unknown']);
export const mapNode = z.object({
    id: z.string(),
    kind: z.enum(['service', 'destination', 'dead-letter', 'external']),
    name: z.string(),
    system: z.string().nullable(),
    owner: z.string().nullable(),
    /** Expected, not seen. */
    ghost: z.boolean(),
    health,
    /** Ids of open findings about this node. */
    findings: z.array(z.string()),
    stats: z.object({
        /** Movements that end here / start here in the window. */
        inCount: count,
        outCount: count,
        errorCount: count,
        inPerMinute: z.number(),
        outPerMinute: z.number(),
        /** Messages sent and not seen taken (a destination) or dead letters that wait; null where it has no meaning. */
        backlog: count.nullable(),
        oldestAgeMs: ms.nullable(),
        /** This service directs others in orchestrated runs. */
        directs: count,
        lastSeenAt: instant.nullable(),
    }),
});
export const mapEdge = z.object({
    from: z.string(),
    to: z.string(),
    kind: z.enum(['send', 'take', 'call', 'dead-letter']),
    ghost: z.boolean(),
    count,
    errorCount: count,
    ratePerMinute: z.number(),
    p50Ms: ms.nullable(),
    p95Ms: ms.nullable(),
    p99Ms: ms.nullable(),
    lastSeenAt: instant.nullable(),
    messageTypes: z.array(z.string()),
});
export const mapView = z.object({
    from: instant.nullable(),
    to: instant.nullable(),
    nodes: z.array(mapNode),
    edges: z.array(mapEdge),
});
//# sourceMappingURL=map.js.map