/** A `same` key value that was demoted because it would glue many runs together (S6). */
export interface CoarseKey {
  readonly type: string;
  readonly value: string;
  /**
   * `placeholder`: `null`, `undefined`, an all-zero id … · `partners`: it met too many values of another type ·
   * `starts`: a correlation id with which too many requests of one kind came in.
   */
  readonly reason: 'placeholder' | 'partners' | 'starts';
  /** Of `partners`: the type of the values that it met. */
  readonly partnerType: string | null;
  /** How many values it met, or how many requests came in with it. */
  readonly partnerCount: number;
  readonly services: readonly string[];
}
