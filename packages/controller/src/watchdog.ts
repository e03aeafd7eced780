import type { Clock, Timer } from "@slipway/std";

/** Calls `bark` once nothing was heard for `limitMs`. One timer however many events come. */
export class Watchdog {
  readonly #clock: Clock;
  #limitMs: number;
  readonly #bark: () => void;
  #heardMs: number;
  #timer: Timer;

  constructor(clock: Clock, limitMs: number, bark: () => void) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#bark = bark;
    this.#heardMs = clock.now();
    this.#timer = clock.setTimer(limitMs, () => this.#check());
  }

  allow(limitMs: number): void {
    this.#limitMs = limitMs;
  }

  heard(): void {
    this.#heardMs = this.#clock.now();
  }

  stop(): void {
    this.#timer.cancel();
  }

  #check(): void {
    const remainingMs = this.#heardMs + this.#limitMs - this.#clock.now();
    if (remainingMs <= 0) this.#bark();
    else this.#timer = this.#clock.setTimer(remainingMs, () => this.#check());
  }
}
