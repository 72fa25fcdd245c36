import { RULES } from '@throughline/model/finding';
import { pattern, runStatus } from '@throughline/model/api/runs';
import type { UnixNs } from '@throughline/model/time';
import { z } from 'zod';
import { LIMITS } from '../../limits.js';
import type { RunSort } from '../../store/read-store.js';
import {
  anyOf,
  cursorParameter,
  instantParameter,
  limitParameter,
  someTexts,
} from './primitives.js';

const SORTS: readonly RunSort[] = ['lastActivityAt', 'startedAt', 'duration'];

export interface RunOrder {
  readonly sort: RunSort;
  readonly descending: boolean;
}

const sortParameter = z
  .string()
  .default('-lastActivityAt')
  .transform((text, context): RunOrder => {
    const [, minus, name, direction] = /^(-?)(\w+)(?::(asc|desc))?$/.exec(text) ?? [];
    const sort = SORTS.find((one) => one === name);
    if (sort !== undefined) return { sort, descending: minus === '-' || direction === 'desc' };
    context.addIssue({
      code: 'custom',
      message: `"${text}" is no order; there are ${SORTS.join(', ')}, with "-" before it for descending`,
    });
    return z.NEVER;
  })
  .meta({
    description: 'Descending with a minus before it',
    override: {
      type: 'string',
      enum: SORTS.flatMap((sort) => [sort, `-${sort}`]),
      default: '-lastActivityAt',
    },
  });

export function runFilterParameters(now: UnixNs) {
  return z.object({
    workflow: someTexts('Name of the workflow'),
    status: anyOf(runStatus.options, 'status'),
    pattern: anyOf(pattern.options, 'pattern'),
    key: someTexts(
      'A business key: `order:8123`, or `8123` for any type; `trace:<hex>` for a trace. Several: all of them.',
    ),
    service: someTexts('A service that took part'),
    destination: someTexts('A destination that messages went to'),
    finding: anyOf(RULES, 'rule'),
    q: z
      .string()
      .optional()
      .meta({
        description:
          'Terms joined by AND: `status:active workflow:checkout service:x name:"exact words" name:pay* ' +
          'event:payment.* attr.tenant=acme duration>=200ms error:true key:8123`',
      }),
    from: instantParameter(now).optional(),
    to: instantParameter(now).optional(),
  });
}

export function runListParameters(now: UnixNs) {
  return runFilterParameters(now).extend({
    sort: sortParameter,
    limit: limitParameter(),
    cursor: cursorParameter,
  });
}

export type RunParameters = z.infer<ReturnType<typeof runFilterParameters>>;

export const runDetailParameters = z.object({
  steps_limit: limitParameter(LIMITS.runStepsPage, LIMITS.runStepsPage),
  steps_cursor: z
    .string()
    .optional()
    .meta({ description: '`stepsNext` of the page before, unchanged' }),
});

export const EXPORT_FORMATS = ['json', 'otlp', 'mermaid', 'ocel', 'xes', 'evidence'] as const;

export const runExportParameters = z.object({
  format: z.enum(EXPORT_FORMATS, `is one of ${EXPORT_FORMATS.join(', ')}`).default('json'),
});
