import type { Rule } from './finding.js';
import type { KeyRule } from './key.js';
import type { RunOutcome } from './step.js';
import type { UnixNs } from './time.js';

/** What should have been declared once, in the words of the config file. Durations in milliseconds. */
export interface Policy {
  readonly keys: readonly KeyRule[];
  /** How long a run that has ended has been silent before its key begins another one; 1 h unless said. */
  readonly epochSilenceMs?: number;
  readonly flows: readonly Flow[];
  /** Services, destinations and movements of the documents that `flows` names; absent when it names none. */
  readonly declared?: DeclaredTopology;
  /** The documents that `flows` names, with what was made of them; absent when it names none. */
  readonly documents?: readonly DeclaredDocument[];
  /** Globs over message types or destinations that nobody is expected to consume: `audit.*`. */
  readonly noConsumerExpected: readonly string[];
  /** Absent: every hour counts. */
  readonly calendar?: BusinessCalendar;
  readonly owners: readonly Owner[];
  readonly detect: DetectPolicy;
}

/** The hours in which people work. Deadlines that are counted by it stand still in the others. */
export interface BusinessCalendar {
  /** As in `Europe/Berlin`. */
  readonly timezone: string;
  /** What it says, for people: `Mon–Fri 09:00–17:00`. */
  readonly text: string;
  /** Workflows of which every deadline is counted by it, learned ones too. */
  readonly workflows: readonly string[];
  /** Milliseconds of working time between the instants; 0 when the second comes first. */
  elapsedMs(fromNs: UnixNs, toNs: UnixNs): number;
  /** The instant at which so many milliseconds of working time have passed. */
  dueNs(fromNs: UnixNs, withinMs: number): UnixNs;
}

export interface Flow {
  readonly workflow: string;
  /** Its deadlines, learned ones too, count business time only. */
  readonly isBusinessTime?: boolean;
  /** Event that starts the flow; null when any first step does. */
  readonly startsWith: string | null;
  readonly ends: readonly { readonly event: string; readonly outcome: RunOutcome }[];
  /** The whole run's deadline; null when none was declared. */
  readonly deadlineMs: number | null;
  readonly expects: readonly FlowExpectation[];
  /** Forward step name → compensating step name. */
  readonly compensations: ReadonlyMap<string, string>;
  /** The document the flow came from: `throughline.yaml`, `asyncapi.yaml` … */
  readonly origin: string;
}

export interface FlowExpectation {
  readonly after: string;
  /** Other names of what `after` names; the first of all that happened opens the promise. */
  readonly alsoAfter?: readonly string[];
  /** Null: the service `by` takes the message `after` itself. */
  readonly event: string | null;
  /** What keeps the promise as well: other names of `event`, and alternatives to it. */
  readonly alsoEvents?: readonly string[];
  /** For people, where `event` alone does not tell: `approve or escalate`. */
  readonly what?: string;
  readonly by: string | null;
  readonly withinMs: number;
  /** Whether the deadline counts business time only; as the flow does unless said. */
  readonly isBusinessTime?: boolean;
}

export interface Owner {
  readonly service: string;
  readonly team: string;
  readonly runbook: string | null;
}

export interface DetectPolicy {
  /** Rules that say nothing. None unless said. */
  readonly off?: ReadonlySet<Rule>;
  /** Whether what usually follows is promised without anybody declaring it. On unless said. */
  readonly learn?: boolean;
  /** What happened before teaches nothing: the way to forget what was learned. */
  readonly learnSinceNs?: UnixNs;
  /**
   * What argues from absence waits so long after the arrival of what it waits for an answer to: the answer may be on
   * its way, however old both are. Milliseconds; 10 s unless said.
   */
  readonly arrivalGraceMs?: number;
  readonly stalled: {
    readonly minSamples: number;
    readonly probability: number;
    readonly factor: number;
    readonly floorMs: number;
    readonly graceMs: number;
  };
  readonly missingConsumer: {
    /** How long a message may wait untaken before anyone is said to be missing. */
    readonly graceMs: number;
  };
  /** What is not said here is as the rule has it. */
  readonly eventStorm?: {
    /** Runs that have to show what is usual. */
    readonly minSamples?: number;
    /** How many times the most that was seen before is a storm. */
    readonly factor?: number;
    /** Fewer messages than this are no storm. */
    readonly floor?: number;
  };
  readonly unaccounted?: {
    /** Fewer than this are not told. */
    readonly minMessages?: number;
    /** How long a message may be overtaken by later ones. */
    readonly graceMs?: number;
  };
  readonly contractDrift?: {
    /** Runs that have to show how it was. */
    readonly minSamples?: number;
    /** How long a service has to be known before what is declared of it is said never to come. */
    readonly unseenAfterMs?: number;
  };
  readonly unknownEdge?: {
    /** Runs that a service has to have been seen in before anything it does is new. */
    readonly minSamples?: number;
    /** How long it has to have been seen. */
    readonly minHistoryMs?: number;
  };
}

/** A document that `flows` names: what it was understood to say, and what not. */
export interface DeclaredDocument {
  readonly path: string;
  readonly kind: 'asl' | 'asyncapi' | 'bpmn' | 'eventcatalog' | 'serverlessworkflow';
  readonly workflows: readonly string[];
  readonly understood: readonly DocumentNote[];
  readonly notUnderstood: readonly DocumentNote[];
}

export interface DocumentNote {
  /** Counted from 1; null where the document as a whole says it. */
  readonly line: number | null;
  readonly text: string;
}

/** What documents (AsyncAPI, EventCatalog) say that services send and take, whether or not it was ever seen. */
export interface DeclaredTopology {
  readonly services: readonly DeclaredService[];
  readonly destinations: readonly DeclaredDestination[];
  readonly movements: readonly DeclaredMovement[];
}

export interface DeclaredService {
  readonly name: string;
  /** Path of the document that says so. */
  readonly origin: string;
}

export interface DeclaredDestination {
  /** Channel address, or the id of the message where the document knows no channels. */
  readonly name: string;
  /** The broker as spans name it; null where the document does not tell. */
  readonly system: string | null;
  readonly messageTypes: readonly string[];
  readonly origin: string;
}

/** One service sends to, or takes from, one destination. */
export interface DeclaredMovement {
  readonly kind: 'send' | 'take';
  readonly service: string;
  readonly destination: string;
  readonly system: string | null;
  readonly messageTypes: readonly string[];
  /** Other names that the document gives to them; absent: none. */
  readonly alsoTypes?: readonly string[];
  readonly origin: string;
}
