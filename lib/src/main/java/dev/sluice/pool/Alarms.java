package dev.sluice.pool;

import dev.sluice.internal.Clock;
import dev.sluice.internal.Threads;

/** Alarms whose actions may call the user's code, and wait: each gets a thread of its own when its time has come. */
final class Alarms {
    private Alarms() {}

    static Clock.Alarm in(long nanos, Runnable action) {
        return Clock.in(nanos, () -> run(action));
    }

    /** Runs it in a thread of its own; if there can be none, here. */
    static void run(Runnable action) {
        if (!start(action)) {
            action.run();
        }
    }

    /** Runs it in a thread of its own; false if there can be none. */
    static boolean start(Runnable action) {
        return Threads.start(Threads.platform("sluice-alarm-", true), action) == null;
    }
}
