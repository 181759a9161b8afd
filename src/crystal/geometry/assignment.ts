/**
 * Assigns each of n rows one column of a square cost matrix (flat, row-major) at the least total cost.
 * Returns the column of each row. Shortest augmenting paths, O(n³) (Jonker and Volgenant, Computing 38, 325, 1987).
 */
export function assign(cost: Float64Array, n: number): Int32Array {
  const rowPotential = new Float64Array(n + 1);
  const columnPotential = new Float64Array(n + 1);
  const rowOfColumn = new Int32Array(n + 1);
  const previous = new Int32Array(n + 1);
  for (let row = 1; row <= n; row++) {
    const slack = new Float64Array(n + 1).fill(Infinity);
    const visited = new Uint8Array(n + 1);
    rowOfColumn[0] = row;
    let column = 0;
    do {
      visited[column] = 1;
      const current = rowOfColumn[column] as number;
      let least = Infinity;
      let next = 0;
      for (let j = 1; j <= n; j++) {
        if (visited[j]) continue;
        const reduced =
          (cost[(current - 1) * n + j - 1] as number) -
          (rowPotential[current] as number) -
          (columnPotential[j] as number);
        if (reduced < (slack[j] as number)) {
          slack[j] = reduced;
          previous[j] = column;
        }
        if ((slack[j] as number) < least) {
          least = slack[j] as number;
          next = j;
        }
      }
      for (let j = 0; j <= n; j++) {
        if (visited[j]) {
          (rowPotential[rowOfColumn[j] as number] as number) += least;
          (columnPotential[j] as number) -= least;
        } else {
          (slack[j] as number) -= least;
        }
      }
      column = next;
    } while (rowOfColumn[column] !== 0);
    while (column !== 0) {
      const before = previous[column] as number;
      rowOfColumn[column] = rowOfColumn[before] as number;
      column = before;
    }
  }
  const columnOfRow = new Int32Array(n);
  for (let j = 1; j <= n; j++) columnOfRow[(rowOfColumn[j] as number) - 1] = j - 1;
  return columnOfRow;
}
