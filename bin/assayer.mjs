#!/usr/bin/env node
import { setUp, SetUpError } from '../infra/setup/set-up.mjs';

try {
  await setUp();
} catch (error) {
  if (!(error instanceof SetUpError)) throw error;
  console.error(error.message);
  process.exit(1);
}
const cli = new URL('../dist/src/cli/main.js', import.meta.url).href;
await import(cli);
