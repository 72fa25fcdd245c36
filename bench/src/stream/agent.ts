import type { Seeded } from '@throughline/fixtures/build/seeded';
import { KIND, type Attribute, type Hop, type Profile, type StreamSpan } from './span.js';

const WORDS =
  'order parcel refund because customer asked address changed please check stock again tool answer found none retry later invoice total amount shipping'.split(
    ' ',
  );
const TURNS_MIN = 5;
const TURNS_SPREAD = 25;
const TEXT_MIN = 2_048;
const TEXT_SPREAD = 6_144;
const MS = 1_000_000n;
const CHAT_NS = 900n * MS;
const TOOL_NS = 40n * MS;

/** An agent's session: turns of chat and tool calls in one trace, with a text of 2 to 8 KB on every chat span. */
export const agent: Profile = {
  name: 'agent',
  says: 'sessions of 11 to 59 spans in one trace, a text of 2 to 8 KB on every second one',
  spansPerRun: 35,
  run(random, number) {
    const session = new Session(random, number);
    const turns = Array.from({ length: TURNS_MIN + random.below(TURNS_SPREAD) }, () =>
      session.turn(random),
    );
    return { key: session.key, hops: [...turns, session.root(turns.length)] };
  },
};

class Session {
  readonly key: string;
  readonly #traceId: string;
  readonly #rootId: string;
  readonly #common: readonly Attribute[];

  constructor(random: Seeded, number: number) {
    this.key = `session-${random.hex(16)}-${String(number)}`;
    this.#traceId = random.hex(32);
    this.#rootId = random.hex(16);
    this.#common = [
      ['gen_ai.system', 'openai'],
      ['gen_ai.conversation.id', this.key],
      ['gen_ai.agent.name', 'support'],
    ];
  }

  turn(random: Seeded): Hop {
    const [chatId, toolId] = [random.hex(16), random.hex(16)];
    const prompt = text(random);
    const chat: readonly Attribute[] = [
      ['gen_ai.operation.name', 'chat'],
      ['gen_ai.request.model', 'gpt'],
      ['gen_ai.usage.input_tokens', prompt.length >> 2],
      ['gen_ai.input.messages', prompt],
    ];
    const tool: readonly Attribute[] = [
      ['gen_ai.operation.name', 'execute_tool'],
      ['gen_ai.tool.name', 'find_order'],
    ];
    return this.#hop((atNs) => [
      {
        ...this.#span(chatId, chat),
        ...{ name: 'chat gpt', kind: KIND.client, startNs: atNs, endNs: atNs + CHAT_NS },
      },
      {
        ...this.#span(toolId, tool),
        ...{ name: 'execute_tool find_order', kind: KIND.internal },
        ...{ startNs: atNs + CHAT_NS, endNs: atNs + CHAT_NS + TOOL_NS },
      },
    ]);
  }

  /** The span of the whole session is sent last, as it ends. */
  root(turns: number): Hop {
    const whole: readonly Attribute[] = [['gen_ai.operation.name', 'invoke_agent']];
    return this.#hop((atNs) => [
      {
        ...this.#span(this.#rootId, whole),
        ...{ parentId: null, name: 'invoke_agent support', kind: KIND.internal },
        ...{ startNs: atNs - BigInt(turns) * CHAT_NS, endNs: atNs + CHAT_NS },
      },
    ]);
  }

  #hop(spans: Hop['spans']): Hop {
    return { service: 'support-agent', spans };
  }

  #span(
    spanId: string,
    own: readonly Attribute[],
  ): Pick<StreamSpan, 'traceId' | 'spanId' | 'parentId' | 'link' | 'attributes'> {
    const ids = { traceId: this.#traceId, spanId, parentId: this.#rootId, link: null };
    return { ...ids, attributes: [...this.#common, ...own] };
  }
}

function text(random: Seeded): string {
  const length = TEXT_MIN + random.below(TEXT_SPREAD);
  let made = '';
  while (made.length < length) made += `${random.pick(WORDS)} `;
  return made.slice(0, length);
}
