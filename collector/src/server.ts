import { fileURLToPath } from 'node:url';
import { msFromNs } from '@throughline/model/time';
import { openAlerting, type Alerting } from './alerting.js';
import { BrokerWatch } from './brokers/broker-watch.js';
import { systemClock, type Clock } from './clock.js';
import type { Config } from './config/config.js';
import { loadConfig, type ConfigFlags } from './config/load-config.js';
import { EngineRoom } from './engine-room.js';
import { Fault } from './errors.js';
import { front, type FrontParts, type ReadingParts } from './front.js';
import { HoldKeeper } from './hold-keeper.js';
import { ignoreOtherUpgrades } from './ignore-other-upgrades.js';
import { LIMITS } from './limits.js';
import { refuseWhatIsNotBuilt } from './not-built.js';
import { openListener, type Listener } from './listener.js';
import { createLog, type Log } from './log.js';
import { Metrics, type MetricSources } from './metrics.js';
import { Publisher } from './publish/publisher.js';
import { readLiveView } from './query/live-views.js';
import { healthChecks } from './health-checks.js';
import { isReadyBy, type HealthCheck } from './query/operating-router.js';
import { isOpen, type QuerySources } from './query/sources.js';
import { querySources } from './query-sources.js';
import { reloader, type Reloader } from './reload.js';
import { Receiving } from './receiving.js';
import { RequestGuard } from './security/request-guard.js';
import type { FactStore } from './store/fact-store.js';
import { storeIdentity } from './store-identity.js';
import type { Archives } from './store/run-archive.js';
import { openArchives } from './store/sqlite/archive/open-archive.js';
import { openFactStore } from './store/sqlite/open.js';

export interface CollectorOptions extends ConfigFlags {
  /** Instead of flags, environment and file: a configuration that was read already. */
  readonly settings?: Config;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly clock?: Clock;
  readonly log?: Log;
  /** Where the built UI lies; its place in this repository unless said otherwise. */
  readonly uiFolder?: string;
  /** Takes what alert receivers of the kind `stdout` write; standard output unless given. */
  readonly write?: (text: string) => void;
  /** The path below which a reverse proxy shows the server. */
  readonly basePath?: string;
}

export interface Collector {
  /** Where to send spans, and where to look at them. */
  readonly url: string;
  readonly uiUrl: string;
  /** `host:port` where OTLP is taken over gRPC; null when it is not. */
  readonly grpcAddress: string | null;
  /**
   * Reads the configuration again; where what follows from the facts depends on what changed, they are stitched anew
   * in the background. @throws Fault BAD_CONFIG (nothing changes), OVERLOADED
   */
  reload(): void;
  /** Finishes what is under way, commits, and lets everything go. */
  close(): Promise<void>;
}

type Phase = 'starting' | 'ready' | 'closing';

const UI_FOLDER = fileURLToPath(new URL('../../ui/dist/', import.meta.url));

/**
 * Opens the store, listens, replays what is stored, and is ready: the promise settles then.
 *
 * @throws Fault BAD_CONFIG, OPEN_LISTEN, PORT_IN_USE, STORE_IN_USE, STORE_NEWER, STORE_UNAVAILABLE; nothing is
 * left open.
 */
export async function createCollector(options: CollectorOptions = {}): Promise<Collector> {
  const env = options.env ?? process.env;
  const cwd = options.cwd ?? process.cwd();
  const readSettings = (): Config => {
    const read = options.settings ?? loadConfig({ flags: options, env, cwd });
    refuseWhatIsNotBuilt(read);
    return read;
  };
  const settings = readSettings();
  const clock = options.clock ?? systemClock;
  const log = options.log ?? createLog('warn');
  let parts: CollectorParts | null = null;
  let archives: Archives | null = null;
  const store = await openFactStore({
    folder: settings.storage.place,
    clock,
    onWarning: (text) => log.warn(text),
    retention: {
      ...settings.storage.retention,
      besideBytes: () => archives?.bytesOnDisk ?? 0,
      around: async (drop) => parts?.retain(drop),
    },
  });
  try {
    archives = await openArchives({
      folder: settings.storage.place,
      identity: await storeIdentity(store),
      newestBodyId: await store.idBeforeNewest(0),
      onWarning: (text) => log.warn(text),
    });
    parts = new CollectorParts({ options, settings, readSettings, clock, log, store, archives });
    await parts.start();
    return parts;
  } catch (error) {
    await (parts ?? store).close();
    throw error;
  }
}

interface CollectorSetup {
  readonly options: CollectorOptions;
  readonly settings: Config;
  /** The configuration as it is now. @throws Fault BAD_CONFIG */
  readonly readSettings: () => Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly store: FactStore;
  readonly archives: Archives;
}

/** Everything that runs, in the order of its start. It stops in the reverse order. */
class CollectorParts implements Collector {
  readonly #setup: CollectorSetup;
  readonly #brokers: BrokerWatch;
  readonly #engines: EngineRoom;
  readonly #sources: QuerySources;
  readonly #reloader: Reloader;
  readonly #holds: HoldKeeper;
  readonly #metrics: Metrics;
  readonly #alerting: Alerting;
  readonly #receiving: Receiving;
  readonly #listeners: Listener[] = [];
  #publisher: Publisher | null = null;
  #phase: Phase = 'starting';
  #closing: Promise<void> | null = null;

  constructor(setup: CollectorSetup) {
    const { clock, settings, store, log } = setup;
    this.#setup = setup;
    this.#brokers = new BrokerWatch({
      targets: settings.brokers,
      clock,
      chance: () => Math.random(),
      store,
      onReading: () => this.#engines.brokersRead(),
      report: (sentence) => log.warn(sentence),
    });
    this.#engines = new EngineRoom({
      store,
      archives: setup.archives,
      clock,
      policy: settings.policy,
      onChange: (change) => this.#publisher?.changed(change),
      onSwept: () => this.#alert(),
      brokers: () => this.#brokers.readings(),
      onTrouble: (text) => log.warn(text),
      onProgress: (text) => log.info(text),
    });
    this.#reloader = reloader({ engines: this.#engines, settings, read: setup.readSettings });
    this.#holds = new HoldKeeper({ store, clock, engines: this.#engines });
    this.#alerting = this.#openAlerting();
    this.#sources = querySources({
      clock,
      store,
      engines: this.#engines,
      reloader: this.#reloader,
      holds: this.#holds,
      alertDesk: this.#alerting.desk,
      onFindingsChanged: () => this.#findingsChanged(),
      forwarded: () => this.#receiving.forwarded(),
      brokers: () => this.#brokers.readings(),
    });
    this.#metrics = new Metrics(this.#metricSources());
    this.#receiving = new Receiving({
      settings,
      pipeline: this.#engines,
      clock,
      log,
      chance: () => Math.random(),
      notYet: () => this.#notYet(),
      onAnswered: (status, ms) => this.#metrics.observeRequest('grpc', status, ms),
    });
  }

  get url(): string {
    return this.#listeners[0]?.url ?? '';
  }

  get uiUrl(): string {
    return this.#listeners.at(-1)?.url ?? '';
  }

  get grpcAddress(): string | null {
    return this.#receiving.grpcAddress;
  }

  reload(): void {
    this.#reloader.reload(false);
  }

  async start(): Promise<void> {
    await this.#listen();
    this.#brokers.start();
    await this.#engines.replay();
    this.#phase = 'ready';
  }

  /** Nothing is deleted before it is known what is held. */
  async retain(drop: () => Promise<number>): Promise<void> {
    if (this.#phase === 'ready') await this.#holds.retain(drop);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#phase = 'closing';
    this.#brokers.close();
    await this.#publisher?.close();
    const listeners = this.#listeners.map((listener) => listener.close());
    await Promise.all([...listeners, this.#receiving.closeListener()]);
    await this.#engines.close();
    await Promise.all([this.#alerting.close(), this.#receiving.close()]);
    this.#setup.archives.close();
    await this.#setup.store.close();
  }

  #openAlerting(): Alerting {
    const { clock, log, settings, store, options } = this.#setup;
    return openAlerting({
      settings: settings.alerts,
      store,
      engine: () => this.#engines.current,
      clock,
      log,
      chance: () => Math.random(),
      write: options.write ?? ((text) => void process.stdout.write(text)),
      baseUrl: () => settings.ui.url ?? new URL(options.basePath ?? '/', this.uiUrl).href,
    });
  }

  /** Nobody is told before the collector is ready: until then it does not know what still holds. */
  #alert(): void {
    if (this.#phase === 'ready') this.#alerting.sweep();
  }

  async #listen(): Promise<void> {
    const { settings, clock, options } = this.#setup;
    const parts = this.#frontParts(settings.server.listen.host);
    const reading: ReadingParts = {
      sources: this.#sources,
      notYet: () => this.#notYet(),
      settle: () => this.#engines.current.pipeline.settle(LIMITS.readSettleMs),
      uiFolder: options.uiFolder ?? UI_FOLDER,
      basePath: options.basePath ?? '/',
    };
    const apart = settings.ui.listen;
    const main = front(parts, this.#receiving.receive, apart === null ? reading : null);
    this.#listeners.push(await openListener(settings.server.listen, main, clock));
    if (apart !== null) {
      const handle = front(this.#frontParts(apart.host), null, reading);
      this.#listeners.push(await openListener(apart, handle, clock));
    }
    await this.#receiving.listen();
    this.#publish(this.#frontParts((apart ?? settings.server.listen).host).guard);
  }

  #publish(guard: RequestGuard): void {
    const { clock, log } = this.#setup;
    const listener = this.#listeners.at(-1);
    if (listener === undefined) return;
    this.#publisher = new Publisher({
      server: listener.server,
      clock,
      refuse: (request) => guard.faultOf(request) ?? this.#notYet(),
      settle: () => this.#engines.current.pipeline.settle(LIMITS.readSettleMs),
      read: (view, params) => readLiveView(this.#sources, view, params),
      report: (error) => log.error(error, 'a live view failed'),
    });
    ignoreOtherUpgrades(listener.server);
  }

  #frontParts(listenHost: string): FrontParts {
    const { settings, clock, log } = this.#setup;
    const { allowedHosts, allowedOrigins } = settings.server;
    const metrics = this.#metrics;
    return {
      guard: new RequestGuard({ listenHost, allowedHosts, allowedOrigins }),
      operating: { checks: () => this.#checks(), metrics },
      metrics,
      log,
      nowMs: () => msFromNs(clock.now()),
    };
  }

  #findingsChanged(): void {
    this.#publisher?.changed({ runs: [], gone: [], findings: true, stats: false });
  }

  /** The fault to answer with while spans can be neither taken nor shown. */
  #notYet(): Fault | undefined {
    if (this.#phase === 'ready') return undefined;
    return this.#phase === 'starting'
      ? new Fault('STORE_UNAVAILABLE', 'The collector reads back what it has stored')
      : new Fault('SHUTTING_DOWN', 'The collector is ending');
  }

  #checks(): HealthCheck[] {
    return healthChecks({
      notYet: this.#notYet(),
      rebuild: this.#engines.state(),
      store: this.#setup.store.state(),
      brokers: this.#brokers.readings(),
    });
  }

  #metricSources(): MetricSources {
    return {
      version: this.#sources.version,
      tally: () => this.#sources.tally().sinceStart,
      droppedBySenders: () => this.#sources.tally().droppedBySenders,
      runs: () => this.#sources.tables.runs.size,
      memory: () => this.#engines.current.pipeline.memory.reading(),
      openFindings: () => openFindings(this.#sources),
      store: () => this.#setup.store.state(),
      forwarded: () => this.#receiving.forwarded(),
      more: this.#alerting.metrics,
      viewers: () => this.#publisher?.viewers ?? 0,
      brokers: () =>
        new Map(this.#brokers.readings().map(({ broker, noData }) => [broker, noData === null])),
      isReady: () => isReadyBy(this.#checks()),
    };
  }
}

function openFindings({ findings }: QuerySources): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { rule } of findings.findings().filter(isOpen)) {
    counts.set(rule, (counts.get(rule) ?? 0) + 1);
  }
  return counts;
}
