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

/** An agent's session: turns of chat and tool calls in one trace, with the texts of 2 to 8 KB on every chat span. */
export const agent: Profile = {
  name: 'agent',
  says: 'sessions of 11 to 59 spans in one trace, a text of 2 to 8 KB on every second one',
  spansPerRun: 35,
  run(random, number) {
    const key = `session-${random.hex(16)}-${String(number)}`;
    const traceId = random.hex(32);
    const rootId = random.hex(16);
    const turns = TURNS_MIN + random.below(TURNS_SPREAD);
    const common: readonly Attribute[] = [
      ['gen_ai.system', 'openai'],
      ['gen_ai.conversation.id', key],
      ['gen_ai.agent.name', 'support'],
    ];
    const span = (
      own: Pick<StreamSpan, 'name' | 'kind' | 'attributes'>,
      { atNs, spanId, takesMs }: { atNs: bigint; spanId: string; takesMs: bigint },
    ): StreamSpan => ({
      ...own,
      ...{ traceId, spanId, parentId: rootId, link: null },
      ...{ startNs: atNs, endNs: atNs + takesMs * MS },
    });
    const turn = (): Hop => {
      const ids = [random.hex(16), random.hex(16)] as const;
      const prompt = text(random);
      return {
        service: 'support-agent',
        spans: (atNs) => [
          span(
            {
              ...{ name: 'chat gpt', kind: KIND.client },
              attributes: [
                ...common,
                ['gen_ai.operation.name', 'chat'],
                ['gen_ai.request.model', 'gpt'],
                ['gen_ai.usage.input_tokens', prompt.length >> 2],
                ['gen_ai.input.messages', prompt],
              ],
            },
            { atNs, spanId: ids[0], takesMs: 900n },
          ),
          span(
            {
              ...{ name: 'execute_tool find_order', kind: KIND.internal },
              attributes: [
                ...common,
                ['gen_ai.operation.name', 'execute_tool'],
                ['gen_ai.tool.name', 'find_order'],
              ],
            },
            { atNs: atNs + 900n * MS, spanId: ids[1], takesMs: 40n },
          ),
        ],
      };
    };
    const root: Hop = {
      service: 'support-agent',
      spans: (atNs) => [
        {
          ...span(
            {
              ...{ name: 'invoke_agent support', kind: KIND.internal },
              attributes: [...common, ['gen_ai.operation.name', 'invoke_agent']],
            },
            { atNs: atNs - BigInt(turns) * 1_000n * MS, spanId: rootId, takesMs: 1_000n },
          ),
          ...{ parentId: null, endNs: atNs + 1_000n * MS },
        },
      ],
    };
    return { key, hops: [...Array.from({ length: turns }, turn), root] };
  },
};

function text(random: Seeded): string {
  const length = TEXT_MIN + random.below(TEXT_SPREAD);
  let made = '';
  while (made.length < length) made += `${random.pick(WORDS)} `;
  return made.slice(0, length);
}
