import { z } from 'zod';
export declare const findingView: z.ZodObject<{
    id: z.ZodString;
    rule: z.ZodEnum<{
        "stalled-run": "stalled-run";
        "missing-consumer": "missing-consumer";
        "stopped-consumer": "stopped-consumer";
        "incomplete-fanout": "incomplete-fanout";
        "dead-letter-backlog": "dead-letter-backlog";
        "failed-run": "failed-run";
        "retry-storm": "retry-storm";
        "poison-message": "poison-message";
        "duplicate-effect": "duplicate-effect";
        "uncompensated-effect": "uncompensated-effect";
        "late-success": "late-success";
        "deadline-missed": "deadline-missed";
        "unknown-edge": "unknown-edge";
        "contract-drift": "contract-drift";
        "event-cycle": "event-cycle";
        "event-storm": "event-storm";
        "unaccounted-messages": "unaccounted-messages";
        "coarse-key": "coarse-key";
        "lost-context": "lost-context";
    }>;
    severity: z.ZodEnum<{
        critical: "critical";
        warning: "warning";
        info: "info";
    }>;
    state: z.ZodEnum<{
        open: "open";
        acknowledged: "acknowledged";
        closed: "closed";
    }>;
    openedAt: z.ZodString;
    closedAt: z.ZodNullable<z.ZodString>;
    snoozedUntil: z.ZodNullable<z.ZodString>;
    subject: z.ZodObject<{
        kind: z.ZodEnum<{
            run: "run";
            destination: "destination";
            edge: "edge";
            key: "key";
            service: "service";
        }>;
        id: z.ZodString;
        label: z.ZodString;
    }, z.core.$strip>;
    workflow: z.ZodNullable<z.ZodString>;
    runsAffected: z.ZodNumber;
    runIds: z.ZodArray<z.ZodString>;
    where: z.ZodString;
    verdict: z.ZodNullable<z.ZodEnum<{
        "waiting-timer": "waiting-timer";
        "waiting-human": "waiting-human";
        "waiting-external": "waiting-external";
        "queue-lag": "queue-lag";
        "consumer-absent": "consumer-absent";
        "dead-lettered": "dead-lettered";
        retrying: "retrying";
        "handler-in-flight": "handler-in-flight";
        "handler-crashed": "handler-crashed";
        "key-mismatch": "key-mismatch";
        "never-sent": "never-sent";
        "telemetry-gap": "telemetry-gap";
    }>>;
    sentence: z.ZodString;
    evidence: z.ZodArray<z.ZodObject<{
        text: z.ZodString;
        value: z.ZodOptional<z.ZodUnion<readonly [z.ZodString, z.ZodNumber]>>;
        link: z.ZodOptional<z.ZodString>;
    }, z.core.$strip>>;
    next: z.ZodArray<z.ZodObject<{
        text: z.ZodString;
        command: z.ZodOptional<z.ZodString>;
        link: z.ZodOptional<z.ZodString>;
    }, z.core.$strip>>;
    owner: z.ZodNullable<z.ZodString>;
    confidence: z.ZodNumber;
    note: z.ZodNullable<z.ZodString>;
}, z.core.$strip>;
export type FindingView = z.infer<typeof findingView>;
export declare const deadLetterGroup: z.ZodObject<{
    reason: z.ZodString;
    eventType: z.ZodNullable<z.ZodString>;
    service: z.ZodNullable<z.ZodString>;
    version: z.ZodNullable<z.ZodString>;
    count: z.ZodNumber;
    oldestAt: z.ZodString;
    newestAt: z.ZodString;
    sampleRunIds: z.ZodArray<z.ZodString>;
}, z.core.$strip>;
export type DeadLetterGroup = z.infer<typeof deadLetterGroup>;
export declare const deadLetterView: z.ZodObject<{
    destination: z.ZodString;
    system: z.ZodString;
    count: z.ZodNumber;
    oldestAt: z.ZodNullable<z.ZodString>;
    oldestAgeMs: z.ZodNullable<z.ZodNumber>;
    inPerMinute: z.ZodNumber;
    outPerMinute: z.ZodNumber;
    cameBack: z.ZodNumber;
    groups: z.ZodArray<z.ZodObject<{
        reason: z.ZodString;
        eventType: z.ZodNullable<z.ZodString>;
        service: z.ZodNullable<z.ZodString>;
        version: z.ZodNullable<z.ZodString>;
        count: z.ZodNumber;
        oldestAt: z.ZodString;
        newestAt: z.ZodString;
        sampleRunIds: z.ZodArray<z.ZodString>;
    }, z.core.$strip>>;
    redrive: z.ZodNullable<z.ZodString>;
}, z.core.$strip>;
export type DeadLetterView = z.infer<typeof deadLetterView>;
//# sourceMappingURL=findings.d.ts.map