/**
 * An activity for tests that call an actor's work directly.
 *
 * @module
 */
import type { Activity, ActorEvent } from "../../actors/mod.ts";

/** An activity without deadline that keeps what it is told. */
export interface FakeActivity extends Activity {
  readonly events: readonly ActorEvent[];
}

/** Makes one. Questions get the answers of `ask`. */
export function fakeActivity(overrides: Partial<Activity> = {}): FakeActivity {
  const events: ActorEvent[] = [];
  return {
    signal: new AbortController().signal,
    now: () => 0,
    random: (length) => new Uint8Array(length).fill(9),
    ask: () => Promise.reject(new RangeError("Nobody is asked in this test")),
    sleep: () => Promise.resolve(),
    emit: (event) => events.push(event),
    ...overrides,
    events,
  };
}
