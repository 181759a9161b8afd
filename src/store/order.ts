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
  return compare(a.endedAt, b.endedAt) || compare(a._id, b._id);
}

export function byTime(a: Created, b: Created): number {
  return compare(a.createdAt, b.createdAt) || compare(a._id, b._id);
}

/** By code units: the same on every machine, whatever its locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
