import { setTimeout as sleep } from 'node:timers/promises';

/** Tries again every half second, for as long as it takes, saying so every ten seconds. */
export async function retry<T>(what: string, attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (tries % 20 === 0) {
        process.stderr.write(
          `waiting for ${what}: ${error instanceof Error ? error.message : String(error)}\n`,
        );
      }
      await sleep(500);
    }
  }
}
