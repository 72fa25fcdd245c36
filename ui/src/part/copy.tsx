import { useState, type ReactElement } from 'react';
import { middle } from '../theme/format.js';
import { Icon } from './icon.js';
import css from './copy.module.css';

const SHOWN_MS = 1600;

interface CopyButtonProps {
  readonly text: string;
  /** What is copied, for the name of the button: `trace id`. */
  readonly what: string;
}

export function CopyButton({ text, what }: CopyButtonProps): ReactElement {
  const [isDone, setIsDone] = useState(false);
  const copy = async () => {
    await copyText(text);
    setIsDone(true);
    setTimeout(() => setIsDone(false), SHOWN_MS);
  };
  return (
    <button
      type="button"
      className={css['copy']}
      aria-label={isDone ? `Copied ${what}` : `Copy ${what}`}
      title={isDone ? 'Copied' : `Copy ${what}`}
      onClick={() => void copy()}
    >
      <Icon name={isDone ? 'check' : 'copy'} size={14} />
    </button>
  );
}

/** Plain HTTP on another host has no clipboard; a selected text area still copies there. */
export async function copyText(text: string): Promise<void> {
  if (window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the clipboard interface needs a secure context, and this is what works without one
  document.execCommand('copy');
  area.remove();
}

interface IdProps {
  readonly value: string;
  readonly what: string;
  readonly lengthMax?: number;
}

/** An id with its middle left out and the whole of it on the clipboard. */
export function Id({ value, what, lengthMax = 18 }: IdProps): ReactElement {
  return (
    <span className={css['id']} title={value}>
      <span className={css['idText']}>{middle(value, lengthMax)}</span>
      <CopyButton text={value} what={what} />
    </span>
  );
}

export function Command({
  text,
  what = 'command',
}: {
  readonly text: string;
  readonly what?: string;
}): ReactElement {
  return (
    <div className={css['command']}>
      <pre tabIndex={0} aria-label={what}>
        <code>{text}</code>
      </pre>
      <CopyButton text={text} what={what} />
    </div>
  );
}
