import type { AlertMatch, GroupKey, ReceiverKind } from '@throughline/model/alert';
import type { BrokerKind } from '@throughline/model/broker';
import type { Policy } from '@throughline/model/policy';

/** Everything that can be set, checked and with its defaults: flags > environment > file > defaults. */
export interface Config {
  readonly server: {
    readonly listen: ListenAddress;
    /** An address for OTLP over gRPC; null: there is none. */
    readonly grpc: ListenAddress | null;
    readonly tokens: readonly TokenGrant[];
    /** Host names beyond the loopback names that requests may carry. */
    readonly allowedHosts: readonly string[];
    /** Origins beyond this server's own that pages may come from. */
    readonly allowedOrigins: readonly string[];
  };
  /** An address of its own for UI and API; null: everything on `server.listen`. */
  readonly ui: {
    readonly listen: ListenAddress | null;
    /** Where people open the pages, for the links in alerts; null: where they are served. */
    readonly url: string | null;
  };
  readonly storage: Storage;
  readonly ingest: { readonly bus: Bus };
  /** Where everything that was received is passed on to; null: nowhere. */
  readonly forward: ForwardTarget | null;
  readonly alerts: {
    readonly receivers: readonly AlertReceiver[];
    readonly routes: readonly AlertRoute[];
    /** All private addresses, or the hosts that alerts may be sent to though theirs is private. */
    readonly allowPrivate: boolean | readonly string[];
    readonly noData: readonly NoDataEntry[];
    /** The dead man's switch; null: there is none. */
    readonly heartbeat: HeartbeatEntry | null;
  };
  /** Brokers that are asked what they hold. */
  readonly brokers: readonly BrokerTarget[];
  readonly policy: Policy;
  /** Absolute paths of every document that was read, the config file first. */
  readonly documents: readonly string[];
}

/** An OTLP/HTTP endpoint: `/v1/traces` and `/v1/logs` lie below it. */
export interface ForwardTarget {
  readonly endpoint: URL;
  /** Sent with every request, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A broker to ask, and how. */
export interface BrokerTarget {
  readonly name: string;
  readonly kind: BrokerKind;
  /** Without user name and password. */
  readonly url: string;
  readonly user: string | null;
  readonly password: string | null;
  readonly everyMs: number;
  /** Of RabbitMQ. */
  readonly vhost: string;
  /** Of Redis: streams, queues of BullMQ, and the prefix of their keys. */
  readonly streams: readonly string[];
  readonly bullmq: readonly string[];
  readonly bullmqPrefix: string;
  /** Of Kafka: brokers that the cluster is entered by, and how. */
  readonly bootstrap: readonly KafkaAddress[];
  readonly isTls: boolean;
  readonly mechanism: KafkaMechanism;
  /** Of SQS: the region, an address other than its own, and the queues to look at; none are all. */
  readonly region: string;
  readonly endpoint: string | null;
  readonly queues: readonly string[];
  /** Whether CloudWatch is asked how old messages are; a text: there. */
  readonly cloudwatch: boolean | string;
}

export interface KafkaAddress {
  readonly host: string;
  readonly port: number;
}
export type KafkaMechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';

export interface ListenAddress {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
}

export type Scope = 'ingest' | 'read' | 'operate' | 'admin';

export interface TokenGrant {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** The token itself; whoever keeps it, keeps its hash. */
  readonly secret: string;
}

export interface Storage {
  readonly kind: 'sqlite' | 'postgres';
  /** Absolute path of the data folder of `sqlite`, connection string of `postgres`. */
  readonly place: string;
  readonly retention: { readonly ageMs: number; readonly bytesMax: number };
}

export type Bus =
  { readonly kind: 'in-process' } | { readonly kind: 'kafka'; readonly brokers: readonly string[] };

export interface AlertReceiver {
  readonly name: string;
  readonly kind: ReceiverKind;
  /** URL, mail address, for `pagerduty` the routing key; empty for `stdout`. */
  readonly target: string;
  /** Signing secret of a webhook; null when none was given. */
  readonly secret: string | null;
  /** `smtp://user:password@host:port` of an `email` receiver. */
  readonly smtpUrl: string | null;
  /** Sender of the mails; null: an address at the receiver's own domain. */
  readonly from: string | null;
  /** Where a `pagerduty` receiver posts to; null: its usual place. */
  readonly url: string | null;
}

export interface AlertRoute {
  readonly match: AlertMatch;
  readonly receiver: string;
  readonly forMs: number;
  readonly repeatMs: number;
  /** When there are many, those that are alike in these are told together; empty: all of the receiver. */
  readonly groupBy: readonly GroupKey[];
  readonly groupIntervalMs: number;
}

/** Silence of so long is told. */
export interface NoDataEntry {
  readonly kind: 'service' | 'workflow' | 'anything';
  /** Empty for anything. */
  readonly name: string;
  readonly forMs: number;
}

export interface HeartbeatEntry {
  /** Name of a receiver, or an address. */
  readonly to: { readonly receiver: string } | { readonly url: string };
  readonly everyMs: number;
}
