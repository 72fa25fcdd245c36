import type { AlertCause } from '@throughline/model/alert';
import type { AlertFindingView } from '@throughline/model/api/alerts';
import { msFromNs, type UnixNs } from '@throughline/model/time';
import type { Clock } from '../clock.js';
import { Fault } from '../errors.js';
import { LIMITS } from '../limits.js';
import type { FactStore } from '../store/fact-store.js';
import { AlertBook, type Due } from './alert-book.js';
import type { AlertRecord } from './alert-record.js';
import { DeliveryCounts } from './delivery-counts.js';
import { EvaluationHealth, type EvaluationState } from './evaluation.js';
import { DeliveryFault, type Receiver } from './message.js';
import { messageOf, testMessage } from './message-of.js';
import { receiverError, receiverHealth, type ReceiverHealth } from './receiver-health.js';
import type { Route } from './route.js';
import { SilenceBook, silenceRecord, type Silence } from './silence-book.js';

export interface AlerterDeps {
  readonly store: Pick<FactStore, 'records' | 'putRecord' | 'deleteRecord'>;
  readonly clock: Clock;
  /** What holds and what held; it may throw, and then everything stays as it is. */
  readonly causes: (now: UnixNs) => readonly AlertCause[];
  readonly viewOf: (cause: AlertCause) => AlertFindingView;
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
  readonly #counts = new DeliveryCounts();
  readonly #evaluation = new EvaluationHealth();
  /** Receivers that are being sent to: each gets its notices one after the other, and waits for no other. */
  readonly #lanes = new Map<string, Promise<void>>();
  readonly #calledAgain = new Set<string>();
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

  /**
   * Compares findings with alerts and sends what is due. Called after every sweep of the detector.
   *
   * @returns whether everything could be compared.
   */
  sweep(): boolean {
    if (this.#isClosed) return false;
    const { clock, report, receivers } = this.#deps;
    const now = clock.now();
    for (const { id } of this.#silences.overBy(now)) this.#dropSilence(id).catch(() => undefined);
    const error = this.#evaluate(now);
    if (this.#evaluation.ended(now, error)) report(`alerts could not be evaluated: ${error ?? ''}`);
    for (const receiver of receivers.values()) this.#wake(receiver);
    void this.#save();
    return error === null;
  }

  /** @returns what went wrong. What could not be compared stays as it was: it is neither over nor new. */
  #evaluate(now: UnixNs): string | null {
    const isSilenced = (cause: AlertCause): boolean => this.#silences.silences(cause, now);
    let found: readonly AlertCause[] = [];
    let error: string | null = null;
    try {
      found = this.#deps.causes(now);
    } catch (cause) {
      error = textOf(cause);
    }
    const findings = [...found, ...this.#conditions(now)];
    const isComplete = error === null;
    const [fault] = this.#book.evaluate({ findings, isComplete, isSilenced, now });
    return fault === undefined ? error : `${fault.findingId}: ${textOf(fault.error)}`;
  }

  #conditions(now: UnixNs): readonly AlertCause[] {
    const failing = [...this.#deps.receivers.keys()].flatMap((name) => {
      const health = this.health(name);
      return health.state === 'error' ? [receiverError(name, health, now)] : [];
    });
    return [...failing, ...this.#evaluation.causes()];
  }

  /** How a receiver stands, and how often it was tried since the start. */
  health(name: string): ReceiverHealth & { readonly attempts: number; readonly failures: number } {
    const records = this.#book.all().filter(({ receiver }) => receiver === name);
    return { ...receiverHealth(records, this.#deps.clock.now()), ...this.#counts.of(name) };
  }

  evaluation(): EvaluationState {
    return this.#evaluation.state(this.#deps.clock.now());
  }

  /** Since when the condition with this id has been told; undefined: it is not. */
  toldSince(id: string): UnixNs | undefined {
    const told = this.#book
      .all()
      .find(({ finding, life }) => finding.id === id && life.phase !== 'resolved');
    return told?.life.sinceNs;
  }

  /** A notice waits until its receipt is durable: after a crash before that it would be sent again. */
  alerts(): readonly AlertRecord[] {
    return this.#book.all().map((record) => this.#beforeReceipt.get(record.id) ?? record);
  }

  silences(): readonly Silence[] {
    return this.#silences.all();
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
    const parts = { baseUrl: this.#deps.baseUrl(), now: this.#deps.clock.now(), closes: [] };
    const message = testMessage(name, parts);
    try {
      await this.#send(receiver, (signal) => receiver.send(message, signal));
    } catch (error) {
      if (error instanceof Fault) throw error;
      throw new Fault('NOT_DELIVERED', textOf(error), { cause: error });
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
    const { name } = receiver;
    if (this.#lanes.has(name)) {
      this.#calledAgain.add(name);
      return;
    }
    const lane = this.#sendAll(receiver).finally(() => {
      this.#lanes.delete(name);
      // A sweep that came while the last receipt was being saved may have made something due.
      if (this.#calledAgain.delete(name) && !this.#isClosed) this.#wake(receiver);
    });
    this.#lanes.set(name, lane);
  }

  /** Sends what is due, one after the other, until one fails: then the receiver is left in peace for a sweep. */
  async #sendAll(receiver: Receiver): Promise<void> {
    for (;;) {
      await this.#save();
      if (this.#isClosed) return;
      const now = this.#deps.clock.now();
      const due = this.#book.due(receiver.name, now, (id) => this.#maySend(id));
      if (due === undefined) return;
      const isTaken = await this.#sendOne(receiver, due);
      if (!isTaken) break;
    }
    await this.#save();
  }

  async #sendOne(receiver: Receiver, due: Due): Promise<boolean> {
    const { clock, chance, report, baseUrl } = this.#deps;
    const closes = this.#book.closedBy(due.records);
    const message = messageOf(due, { baseUrl: baseUrl(), now: clock.now(), closes });
    if (message === undefined) return false;
    try {
      await this.#send(receiver, (signal) => receiver.send(message, signal));
    } catch (error) {
      if (this.#closing.signal.aborted) return false;
      const text = textOf(error);
      const retryAfterMs = error instanceof DeliveryFault ? error.retryAfterMs : null;
      const failure = { error: text, retryAfterMs, now: clock.now(), chance: chance() };
      this.#book.failed(due, failure);
      report(`the receiver ${receiver.name} was not told: ${text}`);
      return false;
    }
    for (const record of due.records) {
      if (!this.#beforeReceipt.has(record.id)) this.#beforeReceipt.set(record.id, record);
    }
    this.#book.delivered(due, clock.now());
    this.#book.pace(clock.now());
    return true;
  }

  /** Sends a sign of life, past the outbox. @throws what the receiver throws */
  async beat(receiver: Receiver, now: UnixNs, everyMs: number): Promise<void> {
    const id = `beat.${now.toString(36)}`;
    const beat = { id, sentAtMs: msFromNs(now), everyMs, baseUrl: this.#deps.baseUrl() };
    await this.#send(receiver, async (signal) => receiver.beat?.(beat, signal));
  }

  async #send({ name }: Receiver, send: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const late = new AbortController();
    const forget = this.#deps.clock.after(LIMITS.alertAnswerMsMax, () => late.abort());
    const signal = AbortSignal.any([late.signal, this.#closing.signal]);
    try {
      await this.#counts.count(name, () => send(signal));
    } finally {
      forget();
    }
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

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
