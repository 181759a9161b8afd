import { performance } from 'node:perf_hooks';

/**
 * How a piece reports: `say` what it is doing, `note` what a person should know.
 *
 * @typedef {{ say: (text: string) => void, note: (text: string) => void }} Tell
 */

/**
 * Shows what the set-up does: one live line for each running piece on a terminal, one line for each event
 * otherwise. A piece that had nothing to do stays silent.
 *
 * @param {{ stream?: NodeJS.WriteStream, live?: boolean }} [options]
 */
export function createProgress({ stream = process.stderr, live = stream.isTTY && !process.env['CI'] } = {}) {
  /** @type {Map<string, { text: string, startedMs: number }>} */
  const active = new Map();
  let drawn = 0;
  const timer = live ? setInterval(draw, 250) : undefined;
  timer?.unref();

  function erase() {
    if (drawn > 0) stream.write(`\x1b[${drawn}A\x1b[0J`);
    drawn = 0;
  }

  function draw() {
    erase();
    const width = (stream.columns || 80) - 1;
    for (const [name, { text, startedMs }] of active) {
      stream.write(
        `${`  ${name}: ${text} (${formatSeconds(performance.now() - startedMs)})`.slice(0, width)}\n`,
      );
      drawn += 1;
    }
  }

  /** @param {string} line */
  function print(line) {
    erase();
    stream.write(`${line}\n`);
    if (live) draw();
  }

  return {
    print,

    /**
     * Runs one piece of the set-up.
     *
     * @template T
     * @param {string} name
     * @param {(tell: Tell) => Promise<T>} work
     * @returns {Promise<T>}
     */
    async follow(name, work) {
      const startedMs = performance.now();
      /** @param {string} text */
      const say = (text) => {
        active.set(name, { text, startedMs });
        if (!live) print(`${name}: ${text}`);
      };
      /** @param {string} text */
      const note = (text) => print(`${name}: ${text}`);
      try {
        const result = await work({ say, note });
        const worked = active.delete(name);
        if (worked) print(`${name}: ready (${formatSeconds(performance.now() - startedMs)})`);
        return result;
      } catch (error) {
        active.delete(name);
        print(`${name}: failed (${formatSeconds(performance.now() - startedMs)})`);
        throw error;
      }
    },

    end() {
      clearInterval(timer);
      erase();
    },
  };
}

/** @param {number} ms */
function formatSeconds(ms) {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  return seconds < 60
    ? `${Math.round(seconds)} s`
    : `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
