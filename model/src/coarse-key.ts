/** A `same` key value that was demoted because it would glue many runs together (S6). */
export interface CoarseKey {
  readonly type: string;
  readonly value: string;
  /** `placeholder`: `null`, `undefined`, an all-zero id … · `partners`: it met too many values of another type. */
  readonly reason: 'placeholder' | 'partners';
  readonly partnerType: string | null;
  readonly partnerCount: number;
  readonly services: readonly string[];
}
