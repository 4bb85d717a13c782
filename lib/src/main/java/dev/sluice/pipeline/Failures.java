package dev.sluice.pipeline;

import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import org.jspecify.annotations.Nullable;

/** What an exception says of its origin. */
final class Failures {
    private Failures() {}

    /** Whether it tells that its thread was interrupted, directly or as a cause. */
    static boolean isInterrupt(Throwable failure) {
        Throwable each = failure;
        // The depth is limited because causes may form a circle.
        for (int depth = 0; each != null && depth < 100; depth++) {
            if (each instanceof InterruptedException
                    || each instanceof ClosedByInterruptException
                    || each instanceof InterruptedIOException) {
                return true;
            }
            each = causeOf(each);
        }
        return false;
    }

    private static @Nullable Throwable causeOf(Throwable failure) {
        try {
            return failure.getCause();
        } catch (Throwable e) {
            // The user's class: a failure that cannot say its cause is still a failure.
            return null;
        }
    }
}
