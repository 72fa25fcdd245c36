import { useRef, type KeyboardEvent, type ReactElement, type ReactNode } from 'react';
import css from './part.module.css';

export interface Segment<T extends string> {
  readonly value: T;
  readonly label: ReactNode;
  /** Needed where the label is an icon only. */
  readonly name?: string;
}

interface SegmentsProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly Segment<T>[];
  readonly onChange: (value: T) => void;
}

/** One of a few, chosen with the arrow keys like any group of radio buttons. */
export function Segments<T extends string>({
  label,
  value,
  options,
  onChange,
}: SegmentsProps<T>): ReactElement {
  const group = useRef<HTMLDivElement>(null);
  const walk = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const index = options.findIndex((option) => option.value === value);
    const next = (index + step + options.length) % options.length;
    const chosen = options[next];
    if (chosen) onChange(chosen.value);
    group.current?.querySelectorAll('button')[next]?.focus();
  };
  return (
    <div
      ref={group}
      role="radiogroup"
      aria-label={label}
      className={css['segments']}
      onKeyDown={walk}
    >
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          role="radio"
          aria-checked={option.value === value}
          aria-label={option.name}
          title={option.name}
          tabIndex={option.value === value ? 0 : -1}
          className={css['segment']}
          onClick={() => onChange(option.value)}
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}
