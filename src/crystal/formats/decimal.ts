/**
 * The number that a text such as '-1.5', '.5', '2e-3' or Fortran's '1.0D+00' stands for. NaN for anything else, also
 * for what Number() would take: '', ' 1', '0x1F', 'Infinity'.
 */
export function decimalOf(text: string): number {
  let fortran = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 48 && code <= 57) continue;
    const letter = code | 32;
    if (letter === 100) fortran = true;
    else if (letter !== 101 && code !== 43 && code !== 45 && code !== 46) return NaN;
  }
  if (text.length === 0) return NaN;
  return Number(fortran ? text.replace(/d/i, 'e') : text);
}

/** A number that a text file should hold in so many decimals; no '-0.000'. */
export function fixed(x: number, decimals: number): string {
  const text = x.toFixed(decimals);
  return Number(text) === 0 && text.startsWith('-') ? text.slice(1) : text;
}

/** The lines of a text that was written on any system. */
export function linesOf(text: string): string[] {
  return text.charCodeAt(0) === 0xfeff ? linesOf(text.slice(1)) : text.split(/\r\n|\n|\r/);
}

/** The words of a line. */
export function wordsOf(line: string): string[] {
  const trimmed = line.trim();
  return trimmed === '' ? [] : trimmed.split(/\s+/);
}
