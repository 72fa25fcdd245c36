import type { CorrectionView, LearnedView } from '@throughline/model/api/catalog';
import type { Correction } from '@throughline/model/correction';
import { formatInstant } from '@throughline/model/time';
import type { LearnedReaction } from '../sources.js';

export function learnedViewOf({
  condition,
  conditionText: _text,
  correction,
  ...reaction
}: LearnedReaction): LearnedView {
  return {
    ...reaction,
    condition:
      condition === null
        ? null
        : {
            attribute: condition.attribute,
            values: [...condition.values],
            except: condition.isExcluding,
          },
    correction: correction === null ? null : correctionViewOf(correction),
  };
}

export function correctionViewOf(correction: Correction): CorrectionView {
  const { reaction, forgottenBeforeNs, deadlineMs, isNotExpected, actor, note, atNs } = correction;
  return {
    reaction,
    forgottenBefore: forgottenBeforeNs === null ? null : formatInstant(forgottenBeforeNs),
    deadlineMs,
    expected: !isNotExpected,
    actor,
    note,
    at: formatInstant(atNs),
  };
}
