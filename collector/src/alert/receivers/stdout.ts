import type { Receiver } from '../message.js';
import { beatBody, webhookBody } from './webhook.js';

/** One line of JSON per notice, for whoever collects the output of the process. */
export function stdout(name: string, write: (line: string) => void): Receiver {
  return {
    name,
    kind: 'stdout',
    send: async (message) => {
      write(`${JSON.stringify(webhookBody(message))}\n`);
    },
    beat: async (beat) => {
      write(`${JSON.stringify(beatBody(beat))}\n`);
    },
  };
}
