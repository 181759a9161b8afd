interface Event {
  readonly atSeconds: number;
  readonly happen: () => Promise<void>;
}

/** Time that passes only from one event to the next: weeks of a campaign take the seconds that its decisions take. */
export class VirtualClock {
  private seconds = 0;
  private readonly events: Event[] = [];

  /** Seconds since the simulation began. */
  now(): number {
    return this.seconds;
  }

  /** Events of the same time happen in the order in which they were added. */
  at(atSeconds: number, happen: () => Promise<void>): void {
    const later = this.events.findIndex((event) => event.atSeconds > atSeconds);
    const event = { atSeconds: Math.max(atSeconds, this.seconds), happen };
    this.events.splice(later < 0 ? this.events.length : later, 0, event);
  }

  /** Lets the next event happen. False when there is none. */
  async next(): Promise<boolean> {
    const event = this.events.shift();
    if (!event) return false;
    this.seconds = event.atSeconds;
    await event.happen();
    return true;
  }
}
