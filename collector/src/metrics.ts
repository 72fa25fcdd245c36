import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** What the gauges read at the moment of a scrape. */
export interface MetricSources {
  readonly version: string;
  tally(): {
    readonly received: number;
    readonly stored: number;
    readonly duplicate: number;
    readonly rejected: Readonly<Record<string, number>>;
    readonly dropped: Readonly<Record<string, number>>;
    readonly ignoredLogRecords: number;
  };
  /** Spans that services dropped before they were sent, by service; of bounded size. */
  droppedBySenders(): ReadonlyMap<string, number>;
  runs(): number;
  memory(): {
    readonly spans: number;
    readonly spansMax: number;
    readonly spansForgotten: number;
    readonly runsArchived: number;
  };
  openFindings(): ReadonlyMap<string, number>;
  store(): {
    readonly bodies: number;
    readonly bytesOnDisk: number;
    readonly inFlightBytes: number;
  };
  /** What became of the bodies to pass on; null when nothing is passed on. */
  forwarded(): {
    readonly sent: number;
    readonly failed: Readonly<Record<string, number>>;
    readonly dropped: Readonly<Record<string, number>>;
    readonly waiting: number;
    readonly waitingBytes: number;
  } | null;
  /** Whether each broker that is asked answers, by its name in the configuration. */
  brokers(): ReadonlyMap<string, boolean>;
  /** What parts of the collector say of themselves. */
  readonly more: readonly ReadMetric[];
  viewers(): number;
  isReady(): boolean;
}

/** A metric that is read when it is asked for. */
export interface ReadMetric {
  readonly kind: 'counter' | 'gauge';
  /** Without the prefix. */
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  read(): readonly MetricReading[];
}

export interface MetricReading {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const PREFIX = 'throughline_';
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/**
 * Everything under `/metrics`. Labels are of closed sets: never a run, a key or a name that a sender chose. The one
 * exception is the service that dropped spans, whose number is bounded.
 */
export class Metrics {
  readonly #registry = new Registry();
  readonly #requests: Histogram<'route' | 'status'>;

  constructor(sources: MetricSources) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry, prefix: PREFIX });
    this.#requests = new Histogram({
      name: `${PREFIX}http_request_duration_seconds`,
      help: 'Time from request to the end of its answer',
      labelNames: ['route', 'status'],
      buckets: SECONDS,
      registers,
    });
    spanCounters(sources, registers);
    forwardCounters(sources, registers);
    brokerGauge(sources, registers);
    gauges(sources, registers);
    for (const metric of sources.more) readMetric(metric, registers);
  }

  observeRequest(route: string, status: number, durationMs: number): void {
    this.#requests.observe({ route, status: `${Math.floor(status / 100)}xx` }, durationMs / 1_000);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }
}

/** The accounting, as counters: received = stored + duplicate + rejected + dropped. */
function spanCounters(sources: MetricSources, registers: Registry[]): void {
  new Counter({
    name: `${PREFIX}spans_received_total`,
    help: 'Spans received since the start',
    registers,
    collect() {
      this.reset();
      this.inc(sources.tally().received);
    },
  });
  new Counter({
    name: `${PREFIX}spans_total`,
    help: 'What became of the spans received since the start',
    labelNames: ['outcome', 'reason'],
    registers,
    collect() {
      this.reset();
      const { stored, duplicate, rejected, dropped } = sources.tally();
      this.inc({ outcome: 'stored', reason: '' }, stored);
      this.inc({ outcome: 'duplicate', reason: '' }, duplicate);
      for (const [reason, n] of Object.entries(rejected))
        this.inc({ outcome: 'rejected', reason }, n);
      for (const [reason, n] of Object.entries(dropped))
        this.inc({ outcome: 'dropped', reason }, n);
    },
  });
  new Counter({
    name: `${PREFIX}client_dropped_spans_total`,
    help: 'Spans that services dropped before they were sent, as they told; their runs may be incomplete',
    labelNames: ['service'],
    registers,
    collect() {
      this.reset();
      for (const [service, n] of sources.droppedBySenders()) this.inc({ service }, n);
    },
  });
}

function forwardCounters(sources: MetricSources, registers: Registry[]): void {
  new Counter({
    name: `${PREFIX}log_records_ignored_total`,
    help: 'Log records that are no step signals, which were taken and not used',
    registers,
    collect() {
      this.reset();
      this.inc(sources.tally().ignoredLogRecords);
    },
  });
  new Counter({
    name: `${PREFIX}forward_bodies_total`,
    help: 'What became of the bodies to pass on; empty when nothing is passed on',
    labelNames: ['outcome', 'reason'],
    registers,
    collect() {
      this.reset();
      const counts = sources.forwarded();
      if (counts === null) return;
      this.inc({ outcome: 'sent', reason: '' }, counts.sent);
      for (const [reason, n] of Object.entries(counts.failed))
        this.inc({ outcome: 'failed', reason }, n);
      for (const [reason, n] of Object.entries(counts.dropped))
        this.inc({ outcome: 'dropped', reason }, n);
    },
  });
}

function brokerGauge(sources: MetricSources, registers: Registry[]): void {
  new Gauge({
    name: `${PREFIX}broker_up`,
    help: '1 when the broker answers, 0 when there is no data of it',
    labelNames: ['broker'],
    registers,
    collect() {
      this.reset();
      for (const [broker, isUp] of sources.brokers()) this.set({ broker }, Number(isUp));
    },
  });
}

function readMetric({ kind, name, help, ...of }: ReadMetric, registers: Registry[]): void {
  const labelNames = [...of.labelNames];
  const settings = { name: PREFIX + name, help, labelNames, registers };
  if (kind === 'counter') {
    const counter: Counter = new Counter({
      ...settings,
      collect() {
        counter.reset();
        for (const { labels, value } of of.read()) counter.inc(labels, value);
      },
    });
    return;
  }
  const gauge: Gauge = new Gauge({
    ...settings,
    collect() {
      gauge.reset();
      for (const { labels, value } of of.read()) gauge.set(labels, value);
    },
  });
}

function gauges(sources: MetricSources, registers: Registry[]): void {
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name: `${PREFIX}${name}`,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  };
  gauge('runs', 'Runs that are known', () => sources.runs());
  gauge('spans_in_memory', 'Spans in memory', () => sources.memory().spans);
  gauge('spans_in_memory_max', 'Spans that memory has room for', () => sources.memory().spansMax);
  gauge('runs_archived', 'Runs that left memory for the archive', () => {
    return sources.memory().runsArchived;
  });
  gauge('spans_forgotten', 'Spans since the start that are in no run, for want of memory', () => {
    return sources.memory().spansForgotten;
  });
  gauge('store_bodies', 'Request bodies stored', () => sources.store().bodies);
  gauge('store_bytes', 'Bytes of the store on disk', () => sources.store().bytesOnDisk);
  gauge(
    'in_flight_bytes',
    'Bytes accepted and not yet durable',
    () => sources.store().inFlightBytes,
  );
  gauge('forward_waiting_bodies', 'Bodies that wait to be passed on', () => {
    return sources.forwarded()?.waiting ?? 0;
  });
  gauge('forward_waiting_bytes', 'Bytes that wait to be passed on', () => {
    return sources.forwarded()?.waitingBytes ?? 0;
  });
  gauge('viewers', 'Live viewers', () => sources.viewers());
  gauge('ready', '1 when the collector is ready', () => Number(sources.isReady()));
  new Gauge({
    name: `${PREFIX}open_findings`,
    help: 'Open findings by rule',
    labelNames: ['rule'],
    registers,
    collect() {
      this.reset();
      for (const [rule, n] of sources.openFindings()) this.set({ rule }, n);
    },
  });
  new Gauge({
    name: `${PREFIX}build_info`,
    help: 'Always 1; the version is its label',
    labelNames: ['version'],
    registers,
    collect() {
      this.set({ version: sources.version }, 1);
    },
  });
}
