import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { executorDescriptionSchema } from './contract.ts';

/** A command that campaigns may name, as its user wrote it; quantities stay text. */
const registeredSchema = z.strictObject({
  command: z.array(z.string().min(1)).min(1),
  serve: z.boolean(),
  limits: z.record(z.string(), z.string()),
  settings: z.record(z.string(), z.unknown()),
  description: executorDescriptionSchema.describe('What it said when it was added'),
});
export type RegisteredExecutor = z.infer<typeof registeredSchema>;
export type RegisteredExecutors = Readonly<Record<string, RegisteredExecutor>>;

const fileSchema = z.record(z.string(), registeredSchema);

/** Where a home keeps its users' executors. */
export function registeredFile(home: string): string {
  return join(home, 'executors.json');
}

/** @throws Error naming the file, and what in it cannot be read */
export async function readRegistered(home: string): Promise<RegisteredExecutors> {
  const file = registeredFile(home);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}';
    throw error;
  });
  try {
    return fileSchema.parse(JSON.parse(text));
  } catch (error) {
    const cause = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new Error(
      `${file} cannot be read: ${cause}; correct it, or remove it and add its executors again`,
      {
        cause: error,
      },
    );
  }
}

export async function writeRegistered(home: string, executors: RegisteredExecutors): Promise<void> {
  const file = registeredFile(home);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.partial`, `${JSON.stringify(executors, null, 2)}\n`);
  await rename(`${file}.partial`, file);
}
