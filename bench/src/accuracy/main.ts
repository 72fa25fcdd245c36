import { tellCorpus } from './corpus/corpus.js';
import { accuracyPolicy } from './policy.js';
import { PERTURBATIONS, perturbed } from './perturb.js';
import { score } from './score.js';
import { watch } from './watch.js';

const only = process.argv[2];
const corpus = tellCorpus({ seed: '1', healthy: Number(process.argv[3] ?? 1400), each: Number(process.argv[4] ?? 14), everyMs: 2_000 });
console.log(corpus.flows.length, 'flows', corpus.endMs / 60_000, 'min');
for (const how of PERTURBATIONS) {
  if (only !== undefined && only !== 'all' && only !== how) continue;
  const { arrivals, incomplete } = perturbed(corpus, how, '1');
  const t = performance.now();
  const observed = await watch(corpus, { arrivals }, accuracyPolicy());
  const s = score(corpus, observed, incomplete);
  console.log(how, 'spans', observed.spans, 'P', s.precision.toFixed(4), 'R', s.recall.toFixed(4), 'V', s.verdictAccuracy.toFixed(4), 'noflow', s.wrongOfNoFlow, 'falseMissing', s.falseMissing, 'withheld', s.withheld, 'reversed', observed.reversedEdges, observed.edges, 'glued', observed.gluedRuns, ((performance.now() - t) / 1000).toFixed(1), 's');
  for (const k of s.kinds) console.log('  ', k.label.padEnd(18), k.flows, 'found', k.found, 'wrong', k.wrong, 'verdicts', k.verdictsRight, '/', k.verdicts);
  for (const c of s.complaints) console.log('   -', c);
}
