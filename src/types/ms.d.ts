// `ms@3.0.0-canary.1` (a dependency of @temporalio/common) exports no types under nodenext, which turns every
// Temporal `Duration` into `any`. This declaration makes a mistyped duration a type error again.
declare module 'ms' {
  export type Unit =
    | 'ms'
    | 's'
    | 'm'
    | 'h'
    | 'd'
    | 'second'
    | 'seconds'
    | 'minute'
    | 'minutes'
    | 'hour'
    | 'hours'
    | 'day'
    | 'days';
  export type StringValue = `${number}` | `${number}${Unit}` | `${number} ${Unit}`;
}
