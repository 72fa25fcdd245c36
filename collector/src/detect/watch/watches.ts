import type { Rule } from '@throughline/model/finding';
import type { Policy } from '@throughline/model/policy';
import { ContractWatch } from './contract-watch.js';
import { MovementWatch } from './movement-watch.js';
import { StormWatch } from './storm-watch.js';
import type { Watch } from './watch.js';

/** What is watched besides promises and traffic, by the name of its subjects; nothing for rules that are switched off. */
export function watchesOf(policy: Policy): ReadonlyMap<string, Watch> {
  const { detect } = policy;
  const isOn = (rule: Rule): boolean => detect.off?.has(rule) !== true;
  const watches = new Map<string, Watch>();
  if (isOn('event-storm')) watches.set('storm', new StormWatch(detect.eventStorm?.floor));
  if (isOn('unknown-edge') || isOn('contract-drift'))
    watches.set('movement', new MovementWatch(policy));
  if (isOn('contract-drift')) watches.set('contract', new ContractWatch(policy));
  return watches;
}
