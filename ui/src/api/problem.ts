import type { Problem } from '@throughline/model/api/primitives';

/** What the server, or the way to it, said instead of an answer. `status` 0: the server was not reached. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly status: number;
  readonly detail: string;
  readonly remedy: string | undefined;
  readonly at: { readonly offset: number; readonly length: number } | undefined;
  readonly requestId: string | undefined;

  constructor(problem: Partial<Problem> & { readonly requestId?: string | undefined }) {
    super(problem.title ?? 'The request failed');
    this.status = problem.status ?? 0;
    this.detail = problem.detail ?? '';
    this.remedy = problem.remedy;
    this.at = problem.at;
    this.requestId = problem.requestId;
  }

  get isUnreachable(): boolean {
    return this.status === 0;
  }

  get isNotFound(): boolean {
    return this.status === 404;
  }
}

export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new ApiProblem({ title: 'Something on this page failed', status: -1, detail });
}
