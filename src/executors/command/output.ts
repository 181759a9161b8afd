/** A longer answer is none: what is large belongs into artefacts. */
export const LONGEST_OUTPUT_BYTES = 16 * 1024 * 1024;

/** How many lines that look like an answer are tried: noise may look like one too. */
const MOST_TRIED = 100;

/**
 * Finds the last JSON object in what a program printed, among whatever else its libraries print there.
 * @returns the object, or a sentence saying what was found instead and what to do
 */
export function findObject(text: string, what: 'answer' | 'description'): object | string {
  const lines = text.split('\n');
  let tried = 0;
  let brokenBy: string | null = null;
  for (let first = lines.length - 1; first >= 0 && tried < MOST_TRIED; first--) {
    const line = lines[first] as string;
    if (!line.trimStart().startsWith('{')) continue;
    tried += 1;
    // One line, or one object over all lines to the last closing brace.
    for (const candidate of [line, throughClosingBrace(lines.slice(first))]) {
      const parsed = tryParse(candidate);
      if (typeof parsed === 'object') return parsed;
      brokenBy ??= parsed;
    }
  }
  if (text.trim() === '') {
    return `it printed nothing on standard output; print one JSON ${what} there`;
  }
  if (/\b(NaN|Infinity)\b/.test(text)) {
    return `its ${what} holds NaN or Infinity, which JSON has no words for; answer a failure when a number is missing`;
  }
  if (brokenBy !== null) return `its ${what} is not JSON: ${brokenBy}; it printed ${excerpt(text)}`;
  return `it printed no JSON ${what} on standard output but ${excerpt(text)}; print one JSON object there`;
}

/** The end of a text that a person is shown. */
export function excerpt(text: string): string {
  const end = text.trim().slice(-300).replaceAll(/\s+/g, ' ');
  return end === '' ? 'nothing' : `'${text.trim().length > 300 ? '…' : ''}${end}'`;
}

function throughClosingBrace(lines: readonly string[]): string {
  const last = lines.findLastIndex((line) => line.trimEnd().endsWith('}'));
  return lines.slice(0, last + 1).join('\n');
}

/** The parser's complaint for what is no JSON. */
function tryParse(text: string): object | string {
  try {
    const parsed: unknown = JSON.parse(text);
    return parsed !== null && typeof parsed === 'object' && !Array.isArray(parsed)
      ? parsed
      : 'it is no object';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
