import { z } from 'zod';
export declare const destinationView: z.ZodObject<{
    name: z.ZodString;
    system: z.ZodString;
    isDeadLetter: z.ZodBoolean;
    producers: z.ZodArray<z.ZodString>;
    consumers: z.ZodArray<z.ZodString>;
    messageTypes: z.ZodArray<z.ZodObject<{
        type: z.ZodString;
        sent: z.ZodNumber;
        taken: z.ZodNumber;
    }, z.core.$strip>>;
    sentCount: z.ZodNumber;
    takenCount: z.ZodNumber;
    inPerMinute: z.ZodNumber;
    outPerMinute: z.ZodNumber;
    backlog: z.ZodNumber;
    oldestAgeMs: z.ZodNullable<z.ZodNumber>;
    deadLetterOf: z.ZodNullable<z.ZodString>;
    lastSentAt: z.ZodNullable<z.ZodString>;
    lastTakenAt: z.ZodNullable<z.ZodString>;
}, z.core.$strip>;
export type DestinationView = z.infer<typeof destinationView>;
export declare const serviceView: z.ZodObject<{
    name: z.ZodString;
    versions: z.ZodArray<z.ZodString>;
    instances: z.ZodArray<z.ZodString>;
    owner: z.ZodNullable<z.ZodString>;
    runbook: z.ZodNullable<z.ZodString>;
    sends: z.ZodArray<z.ZodString>;
    takes: z.ZodArray<z.ZodString>;
    calls: z.ZodArray<z.ZodString>;
    calledBy: z.ZodArray<z.ZodString>;
    stepCount: z.ZodNumber;
    errorCount: z.ZodNumber;
    lastSeenAt: z.ZodNullable<z.ZodString>;
}, z.core.$strip>;
export type ServiceView = z.infer<typeof serviceView>;
export declare const workflowView: z.ZodObject<{
    name: z.ZodString;
    declared: z.ZodBoolean;
    runs: z.ZodNumber;
    byStatus: z.ZodRecord<z.ZodString, z.ZodNumber>;
    patterns: z.ZodArray<z.ZodObject<{
        pattern: z.ZodEnum<{
            orchestrated: "orchestrated";
            choreographed: "choreographed";
            hybrid: "hybrid";
        }>;
        count: z.ZodNumber;
    }, z.core.$strip>>;
    stalled: z.ZodNumber;
    p50Ms: z.ZodNullable<z.ZodNumber>;
    p95Ms: z.ZodNullable<z.ZodNumber>;
    lastActivityAt: z.ZodNullable<z.ZodString>;
    heat: z.ZodArray<z.ZodObject<{
        at: z.ZodString;
        runs: z.ZodNumber;
        failed: z.ZodNumber;
        stalled: z.ZodNumber;
    }, z.core.$strip>>;
}, z.core.$strip>;
export type WorkflowView = z.infer<typeof workflowView>;
/** `received = stored + duplicate + Σ rejected + Σ dropped`, in spans; since start and in total. */
export declare const statsView: z.ZodObject<{
    received: z.ZodNumber;
    stored: z.ZodNumber;
    duplicate: z.ZodNumber;
    rejected: z.ZodRecord<z.ZodString, z.ZodNumber>;
    dropped: z.ZodRecord<z.ZodString, z.ZodNumber>;
    total: z.ZodObject<{
        received: z.ZodNumber;
        stored: z.ZodNumber;
        duplicate: z.ZodNumber;
        rejected: z.ZodRecord<z.ZodString, z.ZodNumber>;
        dropped: z.ZodRecord<z.ZodString, z.ZodNumber>;
    }, z.core.$strip>;
    startedAt: z.ZodString;
    lastReceivedAt: z.ZodNullable<z.ZodString>;
    runs: z.ZodNumber;
    spansPerSecond: z.ZodNumber;
    version: z.ZodString;
}, z.core.$strip>;
export type StatsView = z.infer<typeof statsView>;
//# sourceMappingURL=catalog.d.ts.map