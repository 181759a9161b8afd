import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { choosePort } from '../../infra/stack/ports.ts';

async function occupyPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

test('a port that was asked for and is in use is refused by name, with the remedy', async () => {
  const port = await occupyPort();
  await expect(choosePort({ variable: 'ASSAYER_STORE_PORT', port, asked: true }, new Set())).rejects.toThrow(
    `ASSAYER_STORE_PORT is ${port}, which is in use; end what listens there, choose another port, or unset ASSAYER_STORE_PORT to use the first free one`,
  );
});

test('a default that is in use gives way to a later free one', async () => {
  const port = await occupyPort();
  const chosen = await choosePort({ variable: 'ASSAYER_STORE_PORT', port, asked: false }, new Set());
  expect(chosen).toBeGreaterThan(port);
});

test('no port is given to two pieces', async () => {
  const port = await occupyPort();
  const taken = new Set<number>();
  const first = await choosePort({ variable: 'A', port, asked: false }, taken);
  const second = await choosePort({ variable: 'B', port, asked: false }, taken);
  expect(second).not.toBe(first);
});
