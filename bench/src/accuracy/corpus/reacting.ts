import type { SpanDescription } from '@throughline/fixtures/build/span';
import { stepOf } from '@throughline/fixtures/build/storyline';
import type { Letter } from './dialects.js';
import { mishap } from './mishaps.js';
import type { Point, Reacting, Reader, Sent } from './shape.js';
import type { Stations } from './stations.js';
import type { Telling } from './telling.js';

/** A wait beyond this is certainly none that the shape knows; below, it may be its long tail. */
export const CERTAINLY_LATE_MS = 130_000;
const PERHAPS_LATE_MS = 8_000;

export interface World {
  readonly stations: Stations;
  /** Nothing later than this is told. */
  readonly untilMs: number;
}

/** A message under way, and the span that sent it; null where its sender shows nothing. */
export interface UnderWay {
  readonly letter: Letter;
  readonly by: string;
  readonly sentBy: SpanDescription | null;
  readonly atMs: number;
}

export interface Reading {
  readonly reader: Reader;
  readonly point: Point;
  readonly message: UnderWay;
  readonly atMs: number;
}

/** A flow in which services react to each other's messages, told from its front door on. */
export class ReactingTeller {
  readonly telling: Telling;
  readonly world: World;
  readonly #shape: Reacting;

  constructor(telling: Telling, shape: Reacting, world: World) {
    this.telling = telling;
    this.world = world;
    this.#shape = shape;
  }

  tell(): void {
    const { telling } = this;
    const { door, sends } = this.#shape;
    const { startMs: at, fate } = telling.plan;
    const isUnseen = fate?.kind === 'orphan';
    const request = isUnseen
      ? null
      : telling.line.step({
          by: door.service,
          name: door.name,
          kind: 'server',
          at,
          takes: 30,
          attributes: { ...telling.dialect.door(telling.key), 'http.request.method': 'POST' },
        });
    if (isUnseen) telling.befell('orphan', at);
    for (const sent of sends) this.send(sent, { by: door.service, at: at + 10, inside: request });
    if (fate?.kind === 'missing-consumer' && fate.point.endsWith('>nobody')) {
      const [type = ''] = fate.point.split('>');
      telling.befell('missing-consumer', at + 20);
      this.send(
        { type, to: type, readers: [] },
        { by: door.service, at: at + 20, inside: request },
      );
    }
  }

  /** @param from.inside null: the sender shows nothing of it. */
  send(sent: Sent, from: Sending): void {
    const { by, at, inside } = from;
    const letter = this.telling.letter(sent.type, sent.to);
    const sentBy = inside === null ? null : this.sendSpan(letter, { by, at, inside });
    const message = { letter, by, sentBy, atMs: at };
    for (const reader of sent.readers) this.#await(reader, message);
  }

  sendSpan(letter: Letter, { by, at, inside }: Required<Sending>): SpanDescription {
    const { telling } = this;
    return telling.line.step({
      by,
      name: `send ${letter.destination}`,
      kind: 'producer',
      at,
      takes: 2,
      attributes: telling.dialect.send(letter),
      ...(inside === null ? {} : { inside }),
    });
  }

  #await(reader: Reader, message: UnderWay): void {
    const { telling, world } = this;
    if (reader.share !== undefined && telling.chance.fraction() >= reader.share) return;
    const point: Point = `${message.letter.type}>${reader.service}`;
    const couldMs = message.atMs + telling.wait(reader.after);
    const { fate } = telling.plan;
    const { atMs, incident } = world.stations.admit(point, couldMs, fate === null);
    if (incident !== null) {
      const waitMs = (atMs ?? Infinity) - couldMs;
      const isClear = waitMs >= CERTAINLY_LATE_MS && fate === null;
      if (isClear) telling.befell(incident.kind, couldMs);
      else if (waitMs >= PERHAPS_LATE_MS) telling.befell('unclear', couldMs);
    }
    if (atMs === null || atMs > world.untilMs) return;
    const reading = { reader, point, message, atMs };
    if (fate?.point === point && fate.kind !== 'orphan') mishap(fate.kind, reading, this);
    else this.read(reading);
  }

  /** The reader takes the message and does all that it should. */
  read(reading: Reading, how: TakeOptions = {}): SpanDescription {
    const takes = this.telling.wait(reading.reader.takes, 0.4);
    const taken = this.take(reading, takes, how);
    this.act(reading, taken, takes);
    return taken;
  }

  take({ reader, message, atMs }: Reading, takes: number, how: TakeOptions = {}): SpanDescription {
    const { telling } = this;
    const taken = telling.line.step({
      ...this.takeOptions(reader, message),
      at: atMs,
      takes,
      ...(how.error === undefined ? {} : { error: how.error }),
      attributes: {
        ...telling.dialect.take(message.letter, reader.service),
        ...((how.attempt ?? 1) > 1 ? telling.dialect.attempt(how.attempt ?? 1) : {}),
      },
    });
    this.tie(message, taken);
    return taken;
  }

  takeOptions(reader: Reader, { letter, sentBy }: UnderWay) {
    const isChild = this.telling.dialect.tie === 'parent';
    const attributes = this.telling.dialect.take(letter, reader.service);
    const options = {
      by: reader.service,
      name: `process ${letter.destination}`,
      kind: 'consumer' as const,
      attributes,
    };
    if (sentBy === null) return options;
    if (isChild) return { ...options, inside: sentBy };
    return {
      ...options,
      links: [{ traceId: sentBy.traceId, spanId: sentBy.spanId, attributes: {} }],
    };
  }

  /** The edge that is meant, whatever the clocks say. */
  tie({ sentBy }: UnderWay, taken: SpanDescription): void {
    if (sentBy === null) return;
    const { line } = this.telling;
    const evidence = this.telling.dialect.tie === 'parent' ? 'parent' : 'link';
    if (stepOf(sentBy) === stepOf(taken)) return;
    line.edge({ from: sentBy, to: taken, kind: 'message', evidence });
  }

  /** What the reader does while it handles the message. */
  act({ reader, atMs }: Reading, taken: SpanDescription, takes: number): void {
    const { telling } = this;
    const by = reader.service;
    if (reader.work !== undefined) {
      const work = { by, name: reader.work, at: atMs + takes * 0.1, takes: takes * 0.5 };
      telling.line.step({ ...work, inside: taken });
    }
    if (reader.asks !== undefined) {
      const [to, what] = reader.asks;
      telling.ask(to, what, { by, at: atMs + takes * 0.2, takes: takes * 0.5, inside: taken });
    }
    for (const sent of chosen(reader.sends ?? [], telling)) {
      this.send(sent, { by, at: atMs + takes * 0.8, inside: taken });
    }
  }
}

export interface Sending {
  readonly by: string;
  readonly at: number;
  readonly inside: SpanDescription | null;
}

export interface TakeOptions {
  readonly attempt?: number;
  readonly error?: string;
}

/** Everything, or what comes instead of it at times; a flow that something is to befall takes the usual way. */
function chosen(sends: readonly Sent[], { chance, plan }: Telling): readonly Sent[] {
  const usual = sends.filter(({ insteadShare }) => insteadShare === undefined);
  if (plan.fate !== null) return usual;
  const instead = sends.find(
    ({ insteadShare }) => insteadShare !== undefined && chance.fraction() < insteadShare,
  );
  return instead === undefined ? usual : [instead];
}
