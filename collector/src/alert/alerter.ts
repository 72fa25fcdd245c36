import type { FindingView } from '@throughline/model/api/findings';
import type { Finding } from '@throughline/model/finding';
import { formatInstant, msFromNs, type UnixNs } from '@throughline/model/time';
import type { Clock } from '../clock.js';
import { Fault } from '../errors.js';
import { LIMITS } from '../limits.js';
import type { FactStore } from '../store/fact-store.js';
import { AlertBook } from './alert-book.js';
import type { AlertRecord, Notice } from './alert-record.js';
import { DeliveryFault, type Message, type Receiver } from './message.js';
import type { Route } from './route.js';
import { SilenceBook, silenceRecord, type Silence } from './silence-book.js';

export interface AlerterDeps {
  readonly store: Pick<FactStore, 'records' | 'putRecord' | 'deleteRecord'>;
  readonly clock: Clock;
  readonly findings: () => readonly Finding[];
  readonly viewOf: (finding: Finding) => FindingView;
  readonly receivers: ReadonlyMap<string, Receiver>;
  readonly routes: readonly Route[];
  /** Where the pages begin; known once the server listens. */
  readonly baseUrl: () => string;
  /** From 0 up to, not including, 1. */
  readonly chance: () => number;
  /** @param error is told for what is ours to mend. */
  readonly report: (text: string, error?: unknown) => void;
}

/** Deliveries under way when the collector ends get this long to settle; then they are repeated after the start. */
const CLOSING_MS = 2_000;

/**
 * Tells receivers what is found, at least once each, whatever is killed in between: evaluate → save → send → save.
 * What is decided is durable before it is sent, what was sent stays in the outbox until its receipt is durable, and
 * every attempt carries the same id and dedup key. When the store cannot save, alerts go out all the same: being
 * told twice is better than not at all.
 */
export class Alerter {
  readonly #deps: AlerterDeps;
  readonly #book: AlertBook;
  readonly #silences: SilenceBook;
  /** Receivers that are being sent to: each gets its notices one after the other, and waits for no other. */
  readonly #lanes = new Map<string, Promise<void>>();
  readonly #closing = new AbortController();
  /** Being written at this moment: what follows from them is not sent yet. */
  readonly #inFlight = new Set<string>();
  /** Could not be written: what follows from them is sent all the same. */
  readonly #unsavable = new Set<string>();
  /** As they were before a delivery whose receipt is not durable yet. */
  readonly #beforeReceipt = new Map<string, AlertRecord>();
  #saving: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(deps: AlerterDeps) {
    const { store, routes, receivers, viewOf } = deps;
    this.#deps = deps;
    this.#silences = new SilenceBook(store.records('silence'));
    const names = new Set(receivers.keys());
    this.#book = new AlertBook({ routes, receivers: names, viewOf, saved: store.records('alert') });
  }

  /** Compares findings with alerts and sends what is due. Called after every sweep of the detector. */
  sweep(): void {
    if (this.#isClosed) return;
    const now = this.#deps.clock.now();
    for (const { id } of this.#silences.overBy(now)) this.#dropSilence(id).catch(() => undefined);
    const isSilenced = (finding: Finding): boolean => this.#silences.silences(finding, now);
    this.#book.evaluate({ findings: this.#deps.findings(), isSilenced, now });
    for (const receiver of this.#deps.receivers.values()) this.#wake(receiver);
    void this.#save();
  }

  /** A notice waits until its receipt is durable: after a crash before that it would be sent again. */
  alerts(): readonly AlertRecord[] {
    return this.#book.all().map((record) => this.#beforeReceipt.get(record.id) ?? record);
  }

  silences(): readonly Silence[] {
    return this.#silences.all();
  }

  /** Where people look at a finding. */
  pageOf(findingId: string): string {
    return `${this.#deps.baseUrl().replace(/\/$/, '')}/findings/${encodeURIComponent(findingId)}`;
  }

  /** Durable when the promise settles. @throws Fault BAD_PARAMETER when there are too many. */
  async silence(silence: Silence): Promise<void> {
    if (this.#silences.all().length >= LIMITS.silencesMax) {
      throw new Fault('BAD_PARAMETER', `There are ${LIMITS.silencesMax} silences already`);
    }
    await this.#deps.store.putRecord('silence', silence.id, silenceRecord(silence));
    this.#silences.put(silence);
  }

  /** @returns whether there was one with this id. */
  async endSilence(id: string): Promise<boolean> {
    if (!this.#silences.all().some((silence) => silence.id === id)) return false;
    await this.#dropSilence(id);
    return true;
  }

  /**
   * Sends a notice that says it is a test, at once and past the outbox.
   *
   * @throws Fault NOT_FOUND, ADDRESS_REFUSED, NOT_DELIVERED with what the receiver answered.
   */
  async test(name: string): Promise<void> {
    const receiver = this.#deps.receivers.get(name);
    if (receiver === undefined) throw new Fault('NOT_FOUND', `There is no receiver ${name}`);
    const now = this.#deps.clock.now();
    const id = `test.${now.toString(36)}`;
    const message = this.#message({
      id,
      dedupKey: id,
      kind: 'firing',
      finding: testFinding(name, now),
      startsAt: formatInstant(now),
      endsAt: null,
    });
    try {
      await this.#send(receiver, message);
    } catch (error) {
      if (error instanceof Fault) throw error;
      throw new Fault('NOT_DELIVERED', messageOf(error), { cause: error });
    }
  }

  /** Lets what is under way settle for a moment. What is not delivered by then is after the next start. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const forget = this.#deps.clock.after(CLOSING_MS, () => this.#closing.abort());
    await Promise.all(this.#lanes.values());
    forget();
    this.#closing.abort();
    await this.#save();
  }

  #wake(receiver: Receiver): void {
    if (this.#lanes.has(receiver.name)) return;
    const lane = this.#sendAll(receiver).finally(() => this.#lanes.delete(receiver.name));
    this.#lanes.set(receiver.name, lane);
  }

  /** Sends what is due, one after the other, until one fails: then the receiver is left in peace for a sweep. */
  async #sendAll(receiver: Receiver): Promise<void> {
    for (;;) {
      await this.#save();
      if (this.#isClosed) return;
      const now = this.#deps.clock.now();
      const due = this.#book.due(receiver.name, now, (id) => this.#maySend(id));
      if (due === undefined) return;
      const isTaken = await this.#sendOne(receiver, due.record, due.noticeId);
      if (!isTaken) break;
    }
    await this.#save();
  }

  async #sendOne(receiver: Receiver, record: AlertRecord, noticeId: string): Promise<boolean> {
    const notice = record.waiting.find(({ id }) => id === noticeId);
    if (notice === undefined) return false;
    const { clock, chance, report } = this.#deps;
    try {
      await this.#send(receiver, this.#message(contentOf(record, notice)));
    } catch (error) {
      if (this.#closing.signal.aborted) return false;
      const text = messageOf(error);
      const retryAfterMs = error instanceof DeliveryFault ? error.retryAfterMs : null;
      const failure = { error: text, retryAfterMs, now: clock.now(), chance: chance() };
      this.#book.failed(record.id, noticeId, failure);
      report(`the receiver ${receiver.name} was not told: ${text}`);
      return false;
    }
    if (!this.#beforeReceipt.has(record.id)) this.#beforeReceipt.set(record.id, record);
    this.#book.delivered(record.id, noticeId, clock.now());
    return true;
  }

  async #send(receiver: Receiver, message: Message): Promise<void> {
    const late = new AbortController();
    const forget = this.#deps.clock.after(LIMITS.alertAnswerMsMax, () => late.abort());
    try {
      await receiver.send(message, AbortSignal.any([late.signal, this.#closing.signal]));
    } finally {
      forget();
    }
  }

  #message(content: Omit<Message, 'sentAtMs' | 'url' | 'baseUrl'>): Message {
    const { clock, baseUrl } = this.#deps;
    const url = this.pageOf(content.finding.id);
    return { ...content, sentAtMs: msFromNs(clock.now()), url, baseUrl: baseUrl() };
  }

  /** Saves what has changed; settles when all that had changed before the call is durable, or could not be saved. */
  #save(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#saveAll());
    return this.#saving;
  }

  /** What follows from a decision is sent when the decision is durable, or cannot be. */
  #maySend(id: string): boolean {
    if (this.#inFlight.has(id)) return false;
    return this.#unsavable.has(id) || !this.#book.isUnsaved(id);
  }

  async #saveAll(): Promise<void> {
    const { store, report } = this.#deps;
    await Promise.all(
      this.#book.takeUnsaved().map(async ({ id, value }) => {
        this.#inFlight.add(id);
        try {
          if (value === null) await store.deleteRecord('alert', id);
          else await store.putRecord('alert', id, value);
          this.#unsavable.delete(id);
        } catch (error) {
          this.#book.keepUnsaved(id);
          this.#unsavable.add(id);
          report('an alert could not be saved', error);
        } finally {
          this.#inFlight.delete(id);
          // What was delivered meanwhile is not in what was written just now.
          if (!this.#book.isUnsaved(id) || this.#unsavable.has(id)) this.#beforeReceipt.delete(id);
        }
      }),
    );
  }

  async #dropSilence(id: string): Promise<void> {
    this.#silences.remove(id);
    await this.#deps.store.deleteRecord('silence', id);
  }
}

function contentOf({ dedupKey, life }: AlertRecord, { id, kind, finding }: Notice) {
  const endsAt = kind === 'resolved' && life.resolvedAtNs !== null ? life.resolvedAtNs : null;
  return {
    id,
    dedupKey,
    kind,
    finding,
    startsAt: formatInstant(life.sinceNs),
    endsAt: endsAt === null ? null : formatInstant(endsAt),
  };
}

function testFinding(receiver: string, now: UnixNs): FindingView {
  return {
    id: 'f_test',
    rule: 'stalled-run',
    severity: 'info',
    state: 'open',
    openedAt: formatInstant(now),
    closedAt: null,
    snoozedUntil: null,
    subject: { kind: 'service', id: 'service:throughline', label: 'Throughline' },
    workflow: null,
    runsAffected: 0,
    runIds: [],
    where: 'nowhere',
    verdict: null,
    sentence: `This is a test of the receiver "${receiver}": nothing is wrong, and alerts arrive here.`,
    evidence: [{ text: 'somebody asked for this test' }],
    next: [{ text: 'nothing: this is how a real alert looks' }],
    owner: null,
    confidence: 1,
    note: null,
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
