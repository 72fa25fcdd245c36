import type { Command } from 'commander';
import { CliFault, EXIT } from '../exit-code.js';

/** Commands of the contract that this version cannot do: they say so, and what to do instead. */
const NOT_YET = [
  {
    name: 'token',
    description: 'access tokens (not in this version)',
    fault: 'This version has no access tokens: it listens on loopback only',
    remedy: 'Let a proxy that authenticates stand before it.',
  },
] as const;

export function addNotYetCommands(program: Command): void {
  for (const { name, description, fault, remedy } of NOT_YET) {
    program
      .command(name)
      .description(description)
      .argument('[arguments...]')
      .allowUnknownOption()
      .action(() => {
        throw new CliFault(EXIT.failed, fault, remedy);
      });
  }
}
