interface Ended {
  readonly _id: string;
  readonly endedAt: string;
}
interface Created {
  readonly _id: string;
  readonly createdAt: string;
}

/** Facts are always listed in one order, whatever order they were inserted in. */
export function byEnd(a: Ended, b: Ended): number {
  return a.endedAt.localeCompare(b.endedAt) || a._id.localeCompare(b._id);
}

export function byTime(a: Created, b: Created): number {
  return a.createdAt.localeCompare(b.createdAt) || a._id.localeCompare(b._id);
}
