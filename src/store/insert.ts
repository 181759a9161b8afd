import { MongoBulkWriteError, MongoServerError } from 'mongodb';
import type { Collection, OptionalUnlessRequiredId } from 'mongodb';

const DUPLICATE_KEY = 11000;

/** Inserts a fact once. True when it is new; false when a fact with this `_id` is there already, which stays. */
export async function insertFact<T extends { _id: string }>(
  collection: Collection<T>,
  fact: T,
): Promise<boolean> {
  try {
    await collection.insertOne(fact as OptionalUnlessRequiredId<T>);
    return true;
  } catch (error) {
    if (error instanceof MongoServerError && error.code === DUPLICATE_KEY) return false;
    throw error;
  }
}

/** Inserts many facts, each once; those already there stay as they are. */
export async function insertFacts<T extends { _id: string }>(
  collection: Collection<T>,
  facts: readonly T[],
): Promise<void> {
  if (facts.length === 0) return;
  try {
    await collection.insertMany(facts as OptionalUnlessRequiredId<T>[], { ordered: false });
  } catch (error) {
    const onlyDuplicates =
      error instanceof MongoBulkWriteError &&
      [error.writeErrors].flat().every(({ code }) => code === DUPLICATE_KEY);
    if (!onlyDuplicates) throw error;
  }
}
