import type { SpanDescription } from '@throughline/fixtures/build/span';
import type { Kind } from './kinds.js';
import type { Reading, ReactingTeller, UnderWay } from './reacting.js';

type Mishap = (reading: Reading, teller: ReactingTeller) => void;

/** How long a handler hangs before something gives way. */
const HANG_MS = 300_000;
const SLOW_MS = 160_000;
const DECIDE_MS = 600_000;
const ROUNDS = 8;

/** What happens at the place of the fault instead of a plain reading. */
export function mishap(kind: Kind, reading: Reading, teller: ReactingTeller): void {
  const act = MISHAPS[kind];
  if (act === undefined) throw new RangeError(`nothing that reacts can have ${kind}`);
  act(reading, teller);
}

const MISHAPS: Partial<Readonly<Record<Kind, Mishap>>> = {
  'lost-branch': ({ atMs }, { telling }) => telling.befell('lost-branch', atMs),
  'duplicate-effect': twice,
  'dead-lettered': putAside,
  'hung-handler': lasts('hung-handler', HANG_MS),
  'slow-hop': lasts('slow-hop', SLOW_MS),
  'crashed-handler': crashes,
  'retry-storm': storms,
  'human-wait': waitsForSomebody,
  'key-mismatch': takesForAnother,
  'telemetry-loss': isNotSeen,
  cycle: goesRound,
};

function twice(reading: Reading, teller: ReactingTeller): void {
  const { telling } = teller;
  teller.read(reading);
  const againMs = reading.atMs + 2_000 + telling.wait(4_000);
  teller.read({ ...reading, atMs: againMs }, { attempt: 2 });
  telling.befell('duplicate-effect', againMs + reading.reader.takes);
}

function putAside(reading: Reading, teller: ReactingTeller): void {
  const { telling } = teller;
  const { message, reader, atMs } = reading;
  const error = 'amount is not a number';
  const isBrokers = telling.dialect.deadLetters === null;
  let last: SpanDescription | null = null;
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const at = atMs + (attempt - 1) * 1_500;
    const isGivenUp = isBrokers && attempt === 3;
    last = teller.take({ ...reading, atMs: at }, 20, {
      attempt,
      error: isGivenUp ? 'nack called on message without requeue' : error,
    });
  }
  const asideMs = atMs + 3_020;
  telling.befell('dead-lettered', asideMs);
  if (telling.dialect.deadLetters === null) return;
  const destination = telling.dialect.deadLetters(message.letter.destination);
  telling.line.step({
    by: reader.service,
    name: `send ${destination}`,
    kind: 'producer',
    at: asideMs,
    takes: 2,
    ...(last === null ? {} : { inside: last }),
    attributes: {
      ...telling.dialect.send({ ...message.letter, destination }),
      'messaging.destination.name': destination,
      'bullmq.queue.name': destination,
      'throughline.dead_letter.reason': error,
      'throughline.dead_letter.source': message.letter.destination,
    },
  });
}

/** The handler goes on for so long, and then does what it should. */
function lasts(kind: 'hung-handler' | 'slow-hop', takes: number): Mishap {
  return (reading, teller) => {
    const { telling, world } = teller;
    const { reader, message, atMs } = reading;
    const options = teller.takeOptions(reader, message);
    const taken = telling.lasting({ ...options, at: atMs, takes, untilMs: world.untilMs });
    teller.tie(message, taken);
    telling.befell(kind, atMs);
    if (atMs + takes < world.untilMs) teller.act(reading, taken, takes);
  };
}

function crashes(reading: Reading, teller: ReactingTeller): void {
  const { telling, world } = teller;
  const { reader, message, atMs } = reading;
  const options = teller.takeOptions(reader, message);
  const diesAfterMs = telling.chance.pick([1_500, 12_000, 25_000]);
  const { untilMs } = world;
  const taken = telling.lasting({ ...options, at: atMs, takes: null, untilMs, diesAfterMs });
  teller.tie(message, taken);
  telling.befell('crashed-handler', atMs + diesAfterMs);
}

/** The service that is asked does not answer; or the message comes back again and again. */
function storms(reading: Reading, teller: ReactingTeller): void {
  const { telling, world } = teller;
  const { reader, message, atMs } = reading;
  const everyMs = 4_000;
  const tries = 9;
  telling.befell('retry-storm', atMs + 4 * everyMs);
  const error = 'connection refused';
  if (reader.asks === undefined || telling.plan.number % 2 === 0) {
    for (let attempt = 1; attempt <= tries; attempt += 1) {
      teller.take({ ...reading, atMs: atMs + attempt * everyMs }, 30, { attempt, error });
    }
    return;
  }
  const [to, what] = reader.asks;
  const takes = (tries + 1) * everyMs;
  const options = { ...teller.takeOptions(reader, message), at: atMs, takes, error };
  const taken = telling.lasting({ ...options, untilMs: world.untilMs });
  teller.tie(message, taken);
  for (let each = 0; each < tries; each += 1) {
    const asking = { by: reader.service, at: atMs + 100 + each * everyMs, takes: 200 };
    telling.ask(to, what, { ...asking, inside: taken, error });
  }
}

/** The handler asks somebody and is done; what it should send is sent when they have decided. */
function waitsForSomebody(reading: Reading, teller: ReactingTeller): void {
  const { telling, world } = teller;
  const { reader, atMs } = reading;
  const { untilMs } = world;
  const takes = DECIDE_MS + telling.wait(20_000);
  const taken = teller.take(reading, 80);
  telling.befell('human-wait', atMs);
  const asked = telling.lasting({
    by: reader.service,
    name: 'second pair of eyes',
    at: atMs + 20,
    takes,
    inside: taken,
    untilMs,
    attributes: { 'throughline.step.kind': 'approval' },
  });
  if (atMs + takes < untilMs) teller.act({ ...reading, atMs: atMs + takes }, asked, 60);
}

/** The reader lost the context, and spells the key in a way of its own. */
function takesForAnother(reading: Reading, teller: ReactingTeller): void {
  const { telling } = teller;
  const { key } = telling;
  const wrong = telling.plan.number % 2 === 0 ? key.toUpperCase() : key.replace(/^\D+-/, '');
  telling.letterKey = wrong;
  const letter = { ...reading.message.letter, key: wrong, id: telling.chance.hex(12) };
  const message: UnderWay = { ...reading.message, letter, sentBy: null };
  teller.read({ ...reading, message });
  telling.befell('key-mismatch', reading.atMs);
}

/** It happened; only nobody was told: of the taking, of what was sent then, or of either. */
function isNotSeen(reading: Reading, teller: ReactingTeller): void {
  const { telling } = teller;
  const { spans } = telling.line;
  const before = spans.length;
  teller.read(reading);
  const own = spans
    .slice(before)
    .filter((one) => one.resource['service.name'] === reading.reader.service);
  const way = telling.plan.number % 3;
  const gone = new Set(
    own.filter(({ kind }) => way === 2 || (way === 0 ? kind !== 'producer' : kind === 'producer')),
  );
  const kept = spans.filter((one) => !gone.has(one));
  spans.splice(0, spans.length, ...kept);
  telling.befell('telemetry-loss', reading.atMs);
}

/** The reader answers with an event that makes the sender send the same again. */
function goesRound(reading: Reading, teller: ReactingTeller): void {
  const { telling } = teller;
  const { letter, by } = reading.message;
  const echo = { ...reading.reader, service: by, takes: 20 };
  let { message, atMs } = reading;
  for (let round = 1; round <= ROUNDS; round += 1) {
    if (round === 3) telling.befell('cycle', atMs);
    const taken = teller.take({ ...reading, message, atMs }, 40);
    const inside = { by: reading.reader.service, at: atMs + 20, inside: taken };
    const back = telling.letter(`${letter.type}.revised`, letter.destination);
    const sentBack = teller.sendSpan(back, inside);
    const answer = { letter: back, by: inside.by, sentBy: sentBack, atMs: atMs + 20 };
    const takenBack = teller.take(
      { ...reading, reader: echo, message: answer, atMs: atMs + 150 },
      30,
    );
    const again = telling.letter(letter.type, letter.destination);
    const sentBy = teller.sendSpan(again, { by, at: atMs + 170, inside: takenBack });
    message = { letter: again, by, sentBy, atMs: atMs + 170 };
    atMs += 400;
  }
  teller.read({ ...reading, message, atMs });
}
