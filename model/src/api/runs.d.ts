import { z } from 'zod';
export declare const runStatus: z.ZodEnum<{
    completed: "completed";
    failed: "failed";
    compensated: "compensated";
    cancelled: "cancelled";
    active: "active";
}>;
export declare const pattern: z.ZodEnum<{
    orchestrated: "orchestrated";
    choreographed: "choreographed";
    hybrid: "hybrid";
}>;
export declare const runItem: z.ZodObject<{
    id: z.ZodString;
    workflow: z.ZodString;
    status: z.ZodEnum<{
        completed: "completed";
        failed: "failed";
        compensated: "compensated";
        cancelled: "cancelled";
        active: "active";
    }>;
    pattern: z.ZodNullable<z.ZodEnum<{
        orchestrated: "orchestrated";
        choreographed: "choreographed";
        hybrid: "hybrid";
    }>>;
    keys: z.ZodArray<z.ZodObject<{
        type: z.ZodString;
        value: z.ZodString;
        relation: z.ZodEnum<{
            same: "same";
            "child-of": "child-of";
            touches: "touches";
        }>;
    }, z.core.$strip>>;
    startedAt: z.ZodString;
    lastActivityAt: z.ZodString;
    endedAt: z.ZodNullable<z.ZodString>;
    stepCount: z.ZodNumber;
    spanCount: z.ZodNumber;
    traceCount: z.ZodNumber;
    messageCount: z.ZodNumber;
    errorCount: z.ZodNumber;
    services: z.ZodArray<z.ZodString>;
    destinations: z.ZodArray<z.ZodString>;
    findings: z.ZodArray<z.ZodObject<{
        id: z.ZodString;
        rule: z.ZodString;
    }, z.core.$strip>>;
    parent: z.ZodNullable<z.ZodString>;
    children: z.ZodArray<z.ZodString>;
    waitingOn: z.ZodNullable<z.ZodString>;
}, z.core.$strip>;
export type RunItem = z.infer<typeof runItem>;
export declare const stepView: z.ZodObject<{
    id: z.ZodString;
    service: z.ZodString;
    serviceVersion: z.ZodNullable<z.ZodString>;
    instance: z.ZodNullable<z.ZodString>;
    name: z.ZodString;
    kind: z.ZodEnum<{
        send: "send";
        take: "take";
        fetch: "fetch";
        settle: "settle";
        call: "call";
        serve: "serve";
        work: "work";
        task: "task";
        decision: "decision";
        approval: "approval";
        timer: "timer";
        compensation: "compensation";
    }>;
    role: z.ZodEnum<{
        send: "send";
        take: "take";
        fetch: "fetch";
        settle: "settle";
        call: "call";
        serve: "serve";
        work: "work";
    }>;
    status: z.ZodEnum<{
        pending: "pending";
        ok: "ok";
        error: "error";
    }>;
    error: z.ZodNullable<z.ZodString>;
    attempt: z.ZodNumber;
    startedAt: z.ZodString;
    endedAt: z.ZodNullable<z.ZodString>;
    rawStartedAt: z.ZodNullable<z.ZodString>;
    durationMs: z.ZodNullable<z.ZodNumber>;
    waitMs: z.ZodNullable<z.ZodNumber>;
    timeIsSuspect: z.ZodBoolean;
    traceId: z.ZodString;
    parentId: z.ZodNullable<z.ZodString>;
    spanIds: z.ZodArray<z.ZodString>;
    messageId: z.ZodNullable<z.ZodString>;
    why: z.ZodObject<{
        by: z.ZodEnum<{
            key: "key";
            link: "link";
            "message-id": "message-id";
            parent: "parent";
            trace: "trace";
        }>;
        key: z.ZodOptional<z.ZodObject<{
            type: z.ZodString;
            value: z.ZodString;
            relation: z.ZodEnum<{
                same: "same";
                "child-of": "child-of";
                touches: "touches";
            }>;
        }, z.core.$strip>>;
        of: z.ZodOptional<z.ZodString>;
    }, z.core.$strip>;
    compensates: z.ZodNullable<z.ZodString>;
    outcome: z.ZodNullable<z.ZodString>;
    skippedReason: z.ZodNullable<z.ZodString>;
    actor: z.ZodNullable<z.ZodString>;
    peer: z.ZodNullable<z.ZodString>;
    attributes: z.ZodRecord<z.ZodString, z.ZodUnknown>;
}, z.core.$strip>;
export type StepView = z.infer<typeof stepView>;
export declare const messageView: z.ZodObject<{
    id: z.ZodString;
    system: z.ZodString;
    destination: z.ZodString;
    subscriptions: z.ZodArray<z.ZodString>;
    type: z.ZodNullable<z.ZodString>;
    version: z.ZodNullable<z.ZodString>;
    kind: z.ZodEnum<{
        event: "event";
        command: "command";
    }>;
    messageId: z.ZodNullable<z.ZodString>;
    sentBy: z.ZodNullable<z.ZodString>;
    sentAt: z.ZodNullable<z.ZodString>;
    takenBy: z.ZodArray<z.ZodString>;
    deadLettered: z.ZodBoolean;
    deadLetter: z.ZodNullable<z.ZodObject<{
        reason: z.ZodString;
        source: z.ZodNullable<z.ZodString>;
        detail: z.ZodNullable<z.ZodString>;
    }, z.core.$strip>>;
    undeliverable: z.ZodBoolean;
    payload: z.ZodNullable<z.ZodObject<{
        hash: z.ZodNullable<z.ZodString>;
        bytes: z.ZodNullable<z.ZodNumber>;
    }, z.core.$strip>>;
}, z.core.$strip>;
export type MessageView = z.infer<typeof messageView>;
export declare const edgeView: z.ZodObject<{
    from: z.ZodString;
    to: z.ZodString;
    kind: z.ZodEnum<{
        call: "call";
        message: "message";
        follows: "follows";
        compensates: "compensates";
    }>;
    evidence: z.ZodEnum<{
        engine: "engine";
        link: "link";
        "message-id": "message-id";
        parent: "parent";
        "causation-id": "causation-id";
        inferred: "inferred";
    }>;
    confidence: z.ZodNumber;
}, z.core.$strip>;
export type EdgeView = z.infer<typeof edgeView>;
export declare const promiseView: z.ZodObject<{
    what: z.ZodString;
    after: z.ZodString;
    afterStep: z.ZodNullable<z.ZodString>;
    by: z.ZodNullable<z.ZodString>;
    openedAt: z.ZodString;
    dueAt: z.ZodString;
    origin: z.ZodEnum<{
        declared: "declared";
        learned: "learned";
        engine: "engine";
    }>;
    sampleCount: z.ZodNumber;
    state: z.ZodEnum<{
        open: "open";
        cancelled: "cancelled";
        kept: "kept";
        overdue: "overdue";
    }>;
}, z.core.$strip>;
export type PromiseView = z.infer<typeof promiseView>;
export declare const runDetail: z.ZodObject<{
    id: z.ZodString;
    workflow: z.ZodString;
    status: z.ZodEnum<{
        completed: "completed";
        failed: "failed";
        compensated: "compensated";
        cancelled: "cancelled";
        active: "active";
    }>;
    pattern: z.ZodNullable<z.ZodEnum<{
        orchestrated: "orchestrated";
        choreographed: "choreographed";
        hybrid: "hybrid";
    }>>;
    keys: z.ZodArray<z.ZodObject<{
        type: z.ZodString;
        value: z.ZodString;
        relation: z.ZodEnum<{
            same: "same";
            "child-of": "child-of";
            touches: "touches";
        }>;
    }, z.core.$strip>>;
    startedAt: z.ZodString;
    lastActivityAt: z.ZodString;
    endedAt: z.ZodNullable<z.ZodString>;
    stepCount: z.ZodNumber;
    spanCount: z.ZodNumber;
    traceCount: z.ZodNumber;
    messageCount: z.ZodNumber;
    errorCount: z.ZodNumber;
    services: z.ZodArray<z.ZodString>;
    destinations: z.ZodArray<z.ZodString>;
    findings: z.ZodArray<z.ZodObject<{
        id: z.ZodString;
        rule: z.ZodString;
    }, z.core.$strip>>;
    parent: z.ZodNullable<z.ZodString>;
    children: z.ZodArray<z.ZodString>;
    waitingOn: z.ZodNullable<z.ZodString>;
    workflowVersion: z.ZodNullable<z.ZodString>;
    aliases: z.ZodArray<z.ZodString>;
    sentence: z.ZodString;
    steps: z.ZodArray<z.ZodObject<{
        id: z.ZodString;
        service: z.ZodString;
        serviceVersion: z.ZodNullable<z.ZodString>;
        instance: z.ZodNullable<z.ZodString>;
        name: z.ZodString;
        kind: z.ZodEnum<{
            send: "send";
            take: "take";
            fetch: "fetch";
            settle: "settle";
            call: "call";
            serve: "serve";
            work: "work";
            task: "task";
            decision: "decision";
            approval: "approval";
            timer: "timer";
            compensation: "compensation";
        }>;
        role: z.ZodEnum<{
            send: "send";
            take: "take";
            fetch: "fetch";
            settle: "settle";
            call: "call";
            serve: "serve";
            work: "work";
        }>;
        status: z.ZodEnum<{
            pending: "pending";
            ok: "ok";
            error: "error";
        }>;
        error: z.ZodNullable<z.ZodString>;
        attempt: z.ZodNumber;
        startedAt: z.ZodString;
        endedAt: z.ZodNullable<z.ZodString>;
        rawStartedAt: z.ZodNullable<z.ZodString>;
        durationMs: z.ZodNullable<z.ZodNumber>;
        waitMs: z.ZodNullable<z.ZodNumber>;
        timeIsSuspect: z.ZodBoolean;
        traceId: z.ZodString;
        parentId: z.ZodNullable<z.ZodString>;
        spanIds: z.ZodArray<z.ZodString>;
        messageId: z.ZodNullable<z.ZodString>;
        why: z.ZodObject<{
            by: z.ZodEnum<{
                key: "key";
                link: "link";
                "message-id": "message-id";
                parent: "parent";
                trace: "trace";
            }>;
            key: z.ZodOptional<z.ZodObject<{
                type: z.ZodString;
                value: z.ZodString;
                relation: z.ZodEnum<{
                    same: "same";
                    "child-of": "child-of";
                    touches: "touches";
                }>;
            }, z.core.$strip>>;
            of: z.ZodOptional<z.ZodString>;
        }, z.core.$strip>;
        compensates: z.ZodNullable<z.ZodString>;
        outcome: z.ZodNullable<z.ZodString>;
        skippedReason: z.ZodNullable<z.ZodString>;
        actor: z.ZodNullable<z.ZodString>;
        peer: z.ZodNullable<z.ZodString>;
        attributes: z.ZodRecord<z.ZodString, z.ZodUnknown>;
    }, z.core.$strip>>;
    stepsNext: z.ZodNullable<z.ZodString>;
    messages: z.ZodArray<z.ZodObject<{
        id: z.ZodString;
        system: z.ZodString;
        destination: z.ZodString;
        subscriptions: z.ZodArray<z.ZodString>;
        type: z.ZodNullable<z.ZodString>;
        version: z.ZodNullable<z.ZodString>;
        kind: z.ZodEnum<{
            event: "event";
            command: "command";
        }>;
        messageId: z.ZodNullable<z.ZodString>;
        sentBy: z.ZodNullable<z.ZodString>;
        sentAt: z.ZodNullable<z.ZodString>;
        takenBy: z.ZodArray<z.ZodString>;
        deadLettered: z.ZodBoolean;
        deadLetter: z.ZodNullable<z.ZodObject<{
            reason: z.ZodString;
            source: z.ZodNullable<z.ZodString>;
            detail: z.ZodNullable<z.ZodString>;
        }, z.core.$strip>>;
        undeliverable: z.ZodBoolean;
        payload: z.ZodNullable<z.ZodObject<{
            hash: z.ZodNullable<z.ZodString>;
            bytes: z.ZodNullable<z.ZodNumber>;
        }, z.core.$strip>>;
    }, z.core.$strip>>;
    edges: z.ZodArray<z.ZodObject<{
        from: z.ZodString;
        to: z.ZodString;
        kind: z.ZodEnum<{
            call: "call";
            message: "message";
            follows: "follows";
            compensates: "compensates";
        }>;
        evidence: z.ZodEnum<{
            engine: "engine";
            link: "link";
            "message-id": "message-id";
            parent: "parent";
            "causation-id": "causation-id";
            inferred: "inferred";
        }>;
        confidence: z.ZodNumber;
    }, z.core.$strip>>;
    promises: z.ZodArray<z.ZodObject<{
        what: z.ZodString;
        after: z.ZodString;
        afterStep: z.ZodNullable<z.ZodString>;
        by: z.ZodNullable<z.ZodString>;
        openedAt: z.ZodString;
        dueAt: z.ZodString;
        origin: z.ZodEnum<{
            declared: "declared";
            learned: "learned";
            engine: "engine";
        }>;
        sampleCount: z.ZodNumber;
        state: z.ZodEnum<{
            open: "open";
            cancelled: "cancelled";
            kept: "kept";
            overdue: "overdue";
        }>;
    }, z.core.$strip>>;
    patternEvidence: z.ZodObject<{
        directed: z.ZodNumber;
        reactions: z.ZodNumber;
        handOvers: z.ZodNumber;
        because: z.ZodArray<z.ZodString>;
    }, z.core.$strip>;
    skewCorrections: z.ZodArray<z.ZodObject<{
        service: z.ZodString;
        instance: z.ZodNullable<z.ZodString>;
        againstService: z.ZodString;
        shiftMs: z.ZodNumber;
        stepCount: z.ZodNumber;
    }, z.core.$strip>>;
}, z.core.$strip>;
export type RunDetail = z.infer<typeof runDetail>;
//# sourceMappingURL=runs.d.ts.map