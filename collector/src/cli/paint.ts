import { styleText } from 'node:util';
import type { CliIo } from './io.js';

type Style = Parameters<typeof styleText>[0];
export type Paint = (style: Style, text: string) => string;

const plain: Paint = (_style, text) => text;
const coloured: Paint = (style, text) => styleText(style, text, { validateStream: false });

/** Colours for a person on a terminal; none for a program, with `NO_COLOR`, or with `--no-color`. */
export function paintFor(io: CliIo, wantsColor: boolean): Paint {
  const isOff = (io.env['NO_COLOR'] ?? '') !== '' || io.env['TERM'] === 'dumb' || !wantsColor;
  return io.isTerminal && !isOff ? coloured : plain;
}
