/** Adds up wall seconds, and processor seconds of this process on all its threads, between starts and stops. */
export class Stopwatch {
  seconds = 0;
  coreSeconds = 0;
  #wall = 0;
  #processor = process.cpuUsage();

  start(): void {
    this.#wall = performance.now();
    this.#processor = process.cpuUsage();
  }

  stop(): void {
    const { user, system } = process.cpuUsage(this.#processor);
    this.seconds += (performance.now() - this.#wall) / 1000;
    this.coreSeconds += (user + system) / 1e6;
  }
}
