const connectMs = 5_000;
const wholeMs = 300_000;

/**
 * Downloads a file into memory. Rejects within five seconds when nobody answers.
 *
 * @param {string} url
 * @returns {Promise<Buffer>}
 */
export async function download(url) {
  const response = await ask(url, 'GET', wholeMs);
  return Buffer.from(await response.arrayBuffer());
}

/**
 * Rejects when nobody answers at a URL within five seconds.
 *
 * @param {string} url
 */
export async function checkReachable(url) {
  await ask(url, 'HEAD', connectMs);
}

/** @param {string} url @param {'GET' | 'HEAD'} method @param {number} limitMs */
async function ask(url, method, limitMs) {
  const { host } = new URL(url);
  const controller = new AbortController();
  const whole = setTimeout(() => controller.abort(), limitMs);
  const connect = setTimeout(() => controller.abort(), connectMs);
  whole.unref();
  try {
    const response = await fetch(url, { method, signal: controller.signal });
    if (!response.ok) throw new Error(`${host} answers ${response.status}`);
    return response;
  } catch (error) {
    if (controller.signal.aborted)
      throw new Error(`${host} does not answer within ${connectMs / 1000} s`, { cause: error });
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : undefined;
    throw cause ? new Error(`${host}: ${cause}`, { cause: error }) : error;
  } finally {
    clearTimeout(connect);
  }
}
