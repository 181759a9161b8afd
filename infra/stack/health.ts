import { open } from 'node:fs/promises';
import { MongoClient } from 'mongodb';
import type { Health } from './state.ts';

/** What a health check may look at: the process's log, from where this start began. */
export interface LogPosition {
  readonly path: string;
  readonly offset: number;
}

/** Says whether a process can be used now; takes a second at most. */
export async function isHealthy(health: Health, log: LogPosition): Promise<boolean> {
  switch (health.kind) {
    case 'http':
      return answersHttp(health.url);
    case 'mongodb':
      return answersPing(health.uri, 1_000).then(
        () => true,
        () => false,
      );
    case 'log':
      return (await readFrom(log)).includes(health.line);
  }
}

async function answersHttp(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

/** Asks a MongoDB for its build; rejects when it does not answer within `timeoutMs`. */
export async function answersPing(uri: string, timeoutMs: number): Promise<{ version: string }> {
  const client = new MongoClient(uri, {
    serverSelectionTimeoutMS: timeoutMs,
    connectTimeoutMS: timeoutMs,
    socketTimeoutMS: timeoutMs,
  });
  try {
    const info = await client.db('admin').command({ buildInfo: 1 });
    return { version: String(info['version']) };
  } finally {
    await client.close();
  }
}

async function readFrom({ path, offset }: LogPosition): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.min(Math.max(size - offset, 0), 1 << 20));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
