/** A number for people: so many significant digits, no exponent between 1e-4 and 1e9, no trailing noise. */
export function significant(value: number, digits = 2): string {
  if (!Number.isFinite(value)) return value > 0 ? '∞' : value < 0 ? '−∞' : 'not a number';
  if (value === 0) return '0';
  // Rounded first, since 9.99 has one digit more before the point once it is 10.
  const magnitude = Math.floor(Math.log10(Math.abs(Number(value.toPrecision(digits)))) + 1e-12);
  if (magnitude < -4 || magnitude > 8) return value.toExponential(Math.max(0, digits - 1)).replace('-', '−');
  return fixed(value, Math.max(0, digits - 1 - magnitude));
}

/** A number with so many decimals and a true minus sign; never '−0'. */
export function fixed(value: number, decimals: number): string {
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? text.replace('-', '') : text.replace('-', '−');
}

/** 12345.6 s as '3 h 25 min', 42.1 s as '42 s', 0.31 s as '0.31 s'. */
export function duration(seconds: number): string {
  if (seconds < 10 && !Number.isInteger(seconds)) return `${significant(Math.max(0, seconds))} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const [minutes, hours, days] = [
    Math.floor(whole / 60),
    Math.floor(whole / 3600),
    Math.floor(whole / 86_400),
  ];
  if (hours === 0) return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${whole % 60} s`;
  if (days === 0) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}

/** Core-seconds in the unit that people read: core-s, core-min or core-h. */
export function computing(coreSeconds: number): string {
  if (coreSeconds < 120) return `${significant(coreSeconds)} core-s`;
  if (coreSeconds < 7200) return `${significant(coreSeconds / 60, 3)} core-min`;
  return `${significant(coreSeconds / 3600, 3)} core-h`;
}
