import { readFile } from 'node:fs/promises';
import { format } from 'prettier';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  evaluationAnswerSchema,
  evaluationRequestSchema,
  executorDescriptionSchema,
} from '../../src/executors/contract.ts';

interface Examples {
  readonly good: readonly { readonly name: string; readonly document: unknown }[];
  readonly bad: readonly {
    readonly name: string;
    /** Where the contract is broken; empty for the document itself. */
    readonly path: string;
    /** True for what JSON Schema cannot say. */
    readonly beyondSchema?: boolean;
    readonly document: unknown;
  }[];
}

const read = async (file: string): Promise<unknown> => JSON.parse(await readFile(file, 'utf8')) as unknown;

describe.each([
  ['request', evaluationRequestSchema],
  ['answer', evaluationAnswerSchema],
  ['description', executorDescriptionSchema],
])('the %s', async (name, schema) => {
  // The same files that the Python side is tested with.
  const { good, bad } = (await read(`test/fixtures/executors/contract/${name}s.json`)) as Examples;
  const file = `docs/contract/${name}.schema.json`;

  test('is published as JSON Schema, in step with the code (vitest -u writes it)', async () => {
    const published = {
      $id: `urn:assayer:contract:1:${name}`,
      title: `Assayer executor contract, version 1: ${name}`,
      ...z.toJSONSchema(schema, {
        io: 'input',
        // JSON Schema means something else by it than TypeScript.
        override: ({ jsonSchema }) => delete jsonSchema.readOnly,
      }),
    };
    const text = await format(JSON.stringify(published), { parser: 'json', printWidth: 110 });
    await expect(text).toMatchFileSnapshot(`../../${file}`);
  });

  test.each(good)('takes $name', async ({ document }) => {
    expect(schema.safeParse(document).error).toBeUndefined();
    expect((await publishedSchema(file)).safeParse(document).success).toBe(true);
  });

  test.each(bad)('refuses $name', async ({ path, document, beyondSchema = false }) => {
    const { error } = schema.safeParse(document);
    expect(error?.issues.map((issue) => issue.path.join('.'))).toContain(path);
    expect((await publishedSchema(file)).safeParse(document).success).toBe(beyondSchema);
  });

  test('is the same when read twice: defaults are written out once', () => {
    for (const { document } of good) {
      const once = schema.parse(document);
      expect(schema.parse(JSON.parse(JSON.stringify(once)))).toEqual(once);
    }
  });
});

async function publishedSchema(file: string): Promise<z.ZodType> {
  return z.fromJSONSchema((await read(file)) as Parameters<typeof z.fromJSONSchema>[0]);
}
