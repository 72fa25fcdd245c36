import { z } from 'zod';
export declare const health: z.ZodEnum<{
    critical: "critical";
    warning: "warning";
    ok: "ok";
    unknown: "unknown";
}>;
export declare const mapNode: z.ZodObject<{
    id: z.ZodString;
    kind: z.ZodEnum<{
        destination: "destination";
        service: "service";
        "dead-letter": "dead-letter";
        external: "external";
    }>;
    name: z.ZodString;
    system: z.ZodNullable<z.ZodString>;
    owner: z.ZodNullable<z.ZodString>;
    ghost: z.ZodBoolean;
    health: z.ZodEnum<{
        critical: "critical";
        warning: "warning";
        ok: "ok";
        unknown: "unknown";
    }>;
    findings: z.ZodArray<z.ZodString>;
    stats: z.ZodObject<{
        inCount: z.ZodNumber;
        outCount: z.ZodNumber;
        errorCount: z.ZodNumber;
        inPerMinute: z.ZodNumber;
        outPerMinute: z.ZodNumber;
        backlog: z.ZodNullable<z.ZodNumber>;
        oldestAgeMs: z.ZodNullable<z.ZodNumber>;
        directs: z.ZodNumber;
        lastSeenAt: z.ZodNullable<z.ZodString>;
    }, z.core.$strip>;
}, z.core.$strip>;
export type MapNode = z.infer<typeof mapNode>;
export declare const mapEdge: z.ZodObject<{
    from: z.ZodString;
    to: z.ZodString;
    kind: z.ZodEnum<{
        send: "send";
        take: "take";
        call: "call";
        "dead-letter": "dead-letter";
    }>;
    ghost: z.ZodBoolean;
    count: z.ZodNumber;
    errorCount: z.ZodNumber;
    ratePerMinute: z.ZodNumber;
    p50Ms: z.ZodNullable<z.ZodNumber>;
    p95Ms: z.ZodNullable<z.ZodNumber>;
    p99Ms: z.ZodNullable<z.ZodNumber>;
    lastSeenAt: z.ZodNullable<z.ZodString>;
    messageTypes: z.ZodArray<z.ZodString>;
}, z.core.$strip>;
export type MapEdge = z.infer<typeof mapEdge>;
export declare const mapView: z.ZodObject<{
    from: z.ZodNullable<z.ZodString>;
    to: z.ZodNullable<z.ZodString>;
    nodes: z.ZodArray<z.ZodObject<{
        id: z.ZodString;
        kind: z.ZodEnum<{
            destination: "destination";
            service: "service";
            "dead-letter": "dead-letter";
            external: "external";
        }>;
        name: z.ZodString;
        system: z.ZodNullable<z.ZodString>;
        owner: z.ZodNullable<z.ZodString>;
        ghost: z.ZodBoolean;
        health: z.ZodEnum<{
            critical: "critical";
            warning: "warning";
            ok: "ok";
            unknown: "unknown";
        }>;
        findings: z.ZodArray<z.ZodString>;
        stats: z.ZodObject<{
            inCount: z.ZodNumber;
            outCount: z.ZodNumber;
            errorCount: z.ZodNumber;
            inPerMinute: z.ZodNumber;
            outPerMinute: z.ZodNumber;
            backlog: z.ZodNullable<z.ZodNumber>;
            oldestAgeMs: z.ZodNullable<z.ZodNumber>;
            directs: z.ZodNumber;
            lastSeenAt: z.ZodNullable<z.ZodString>;
        }, z.core.$strip>;
    }, z.core.$strip>>;
    edges: z.ZodArray<z.ZodObject<{
        from: z.ZodString;
        to: z.ZodString;
        kind: z.ZodEnum<{
            send: "send";
            take: "take";
            call: "call";
            "dead-letter": "dead-letter";
        }>;
        ghost: z.ZodBoolean;
        count: z.ZodNumber;
        errorCount: z.ZodNumber;
        ratePerMinute: z.ZodNumber;
        p50Ms: z.ZodNullable<z.ZodNumber>;
        p95Ms: z.ZodNullable<z.ZodNumber>;
        p99Ms: z.ZodNullable<z.ZodNumber>;
        lastSeenAt: z.ZodNullable<z.ZodString>;
        messageTypes: z.ZodArray<z.ZodString>;
    }, z.core.$strip>>;
}, z.core.$strip>;
export type MapView = z.infer<typeof mapView>;
//# sourceMappingURL=map.d.ts.map