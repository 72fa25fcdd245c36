import type { ReactElement } from 'react';
import { STATUS_TONE, STATUS_WORD, type StatusMarkName, type Tone } from '../theme/status.js';
import { classNames } from './class-names.js';
import { StatusIcon } from './icon.js';
import css from './part.module.css';

export function toneClass(tone: Tone): string {
  return css[tone] ?? '';
}

interface StatusMarkProps {
  readonly mark: StatusMarkName;
  /** Says more than the plain word: `Stalled 14 min`. */
  readonly word?: string | undefined;
  readonly isTinted?: boolean;
  readonly isLarge?: boolean;
}

/** A status as shape, icon, word and, last, colour. */
export function StatusMark({
  mark,
  word,
  isTinted = false,
  isLarge = false,
}: StatusMarkProps): ReactElement {
  return (
    <span
      className={classNames(css['mark'], toneClass(STATUS_TONE[mark]))}
      data-tinted={isTinted || undefined}
      data-large={isLarge || undefined}
    >
      <StatusIcon mark={mark} size={isLarge ? 18 : 15} />
      {word ?? STATUS_WORD[mark]}
    </span>
  );
}
