import { createServer } from 'node:net';
import { ConfigError } from './config.ts';
import type { Port } from './config.ts';

const tries = 200;

/**
 * Chooses a free local port: the one that was asked for, or the first free one from the default on.
 *
 * @param taken ports chosen for other pieces; the chosen one is added
 * @throws ConfigError when the port that was asked for is in use
 */
export async function choosePort({ variable, port, asked }: Port, taken: Set<number>): Promise<number> {
  for (let candidate = port; candidate < Math.min(port + (asked ? 1 : tries), 65536); candidate += 1) {
    if (taken.has(candidate) || !(await isFree(candidate))) continue;
    taken.add(candidate);
    return candidate;
  }
  throw new ConfigError(
    asked
      ? `${variable} is ${port}, which is in use; end what listens there, choose another port, or unset ${variable} to use the first free one`
      : `no port from ${port} to ${port + tries - 1} is free; set ${variable} to one that is`,
  );
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
