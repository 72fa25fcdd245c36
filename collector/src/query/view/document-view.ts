import type { DocumentView } from '@throughline/model/api/catalog';
import type { QuerySources } from '../sources.js';

/** The documents that the configuration names: what each says, and what of it was not understood. */
export function documentViews({ policy }: Pick<QuerySources, 'policy'>): DocumentView[] {
  return (policy.documents ?? []).map(({ path, kind, workflows, understood, notUnderstood }) => ({
    path,
    kind,
    workflows: [...workflows],
    understood: [...understood],
    notUnderstood: [...notUnderstood],
  }));
}
