/** Named float32 arrays in the safetensors format (huggingface/safetensors): a length, a JSON header, raw bytes. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Row-major, as many numbers as the shape holds. */
  readonly values: Float32Array;
}

/** Thrown when bytes are not a whole, well-formed safetensors file of float32 tensors. */
export class SafetensorsError extends Error {
  override readonly name = 'SafetensorsError';
}

interface HeaderEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

const LENGTH_BYTES = 8;

/** Bytes of a safetensors file that holds the tensors in the given order, and text metadata. */
export function encodeSafetensors(
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>> = {},
): Buffer {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const { name, shape, values } of tensors) {
    if (values.length !== sizeOf(shape)) {
      throw new SafetensorsError(`tensor ${name} has ${values.length} numbers, its shape ${sizeOf(shape)}`);
    }
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, (offset += values.byteLength)] };
  }
  const json = Buffer.from(JSON.stringify(header), 'utf8');
  // The format asks that the header ends on a multiple of eight bytes, filled with spaces.
  const headerLength = Math.ceil(json.length / 8) * 8;
  const bytes = Buffer.alloc(LENGTH_BYTES + headerLength + offset, ' ');
  bytes.writeBigUInt64LE(BigInt(headerLength));
  json.copy(bytes, LENGTH_BYTES);
  let at = LENGTH_BYTES + headerLength;
  for (const { values } of tensors) {
    Buffer.from(values.buffer, values.byteOffset, values.byteLength).copy(bytes, at);
    at += values.byteLength;
  }
  return bytes;
}

/** The float32 tensors of a safetensors file, by name. Throws SafetensorsError when the bytes are damaged or cut off. */
export function decodeSafetensors(bytes: Buffer): Map<string, NamedTensor> {
  if (bytes.length < LENGTH_BYTES) throw new SafetensorsError(`the file has only ${bytes.length} bytes`);
  const headerLength = Number(bytes.readBigUInt64LE());
  const dataStart = LENGTH_BYTES + headerLength;
  if (dataStart > bytes.length) throw new SafetensorsError('the file ends within its header');
  const tensors = new Map<string, NamedTensor>();
  for (const [name, entry] of Object.entries(parseHeader(bytes.subarray(LENGTH_BYTES, dataStart)))) {
    if (name === '__metadata__') continue;
    const { dtype, shape, data_offsets: offsets } = entry as HeaderEntry;
    if (dtype !== 'F32') throw new SafetensorsError(`tensor ${name} is ${dtype}; only F32 can be read`);
    const [start, end] = [dataStart + offsets[0], dataStart + offsets[1]];
    if (end > bytes.length) throw new SafetensorsError(`the file ends within tensor ${name}`);
    if (end - start !== 4 * sizeOf(shape)) {
      throw new SafetensorsError(
        `tensor ${name} has ${end - start} bytes, its shape asks for ${4 * sizeOf(shape)}`,
      );
    }
    // A copy: the file's bytes need not be aligned to four.
    const values = new Float32Array(new Uint8Array(bytes.subarray(start, end)).buffer);
    tensors.set(name, { name, shape, values });
  }
  return tensors;
}

function parseHeader(json: Buffer): Record<string, unknown> {
  try {
    return JSON.parse(json.toString('utf8')) as Record<string, unknown>;
  } catch (cause) {
    throw new SafetensorsError('the header is not JSON', { cause });
  }
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
