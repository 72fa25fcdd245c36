import { spreadOf } from '../drive/quantiles.js';

/** Ratios of one case that mean the same on every machine: figures beside those of the references, and bytes. */
export interface Ratios {
  /** CPU of the naive reference ÷ CPU of the collector; more is better. */
  readonly timesLessThanNaive: number;
  /** CPU of the collector ÷ CPU of inflating the same bodies; less is better. */
  readonly timesInflating: number;
  /** Bytes of all files for each span; less is better. */
  readonly bytesPerSpan: number;
}
export type RatioName = keyof Ratios;

export const RATIOS: readonly RatioName[] = [
  'timesLessThanNaive',
  'timesInflating',
  'bytesPerSpan',
];

const LOSS_MAX = 0.1;
/** A tenth is a tenth, whatever a division of decimals makes of it. */
const ROUNDING = 1e-9;
/** A loss that most repetitions do not show is the machine's. */
const AGREEING_SHARE = 0.75;

export interface Loss {
  readonly what: RatioName;
  readonly stored: number;
  readonly median: number;
  /** How much worse, as a share of what is stored: 0.2 costs a fifth more. */
  readonly worseBy: number;
}

/**
 * What became worse by more than a tenth: by the median of the repetitions, and in three of four of them at least
 * worse than stored. Noise moves single repetitions by that much; it does not move most of them to one side.
 */
export function lossesOf(stored: Ratios, repetitions: readonly Ratios[]): readonly Loss[] {
  return RATIOS.flatMap((what) => {
    const costs = repetitions.map((one) => worse(what, stored[what], one[what]));
    const { median: worseBy } = spreadOf(costs);
    const agreeing = costs.filter((cost) => cost > 0).length / costs.length;
    if (!(worseBy > LOSS_MAX + ROUNDING) || agreeing < AGREEING_SHARE) return [];
    const { median } = spreadOf(repetitions.map((one) => one[what]));
    return [{ what, stored: stored[what], median, worseBy }];
  });
}

/** By which share the measured ratio costs more than the stored one; below zero it costs less. */
function worse(what: RatioName, stored: number, measured: number): number {
  return what === 'timesLessThanNaive' ? stored / measured - 1 : measured / stored - 1;
}

/** The medians of the repetitions: what is stored for the next time. */
export function ratiosOf(repetitions: readonly Ratios[]): Ratios {
  const median = (what: RatioName): number => {
    const { median: value } = spreadOf(repetitions.map((one) => one[what]));
    return Number(value.toPrecision(3));
  };
  return {
    timesLessThanNaive: median('timesLessThanNaive'),
    timesInflating: median('timesInflating'),
    bytesPerSpan: median('bytesPerSpan'),
  };
}
