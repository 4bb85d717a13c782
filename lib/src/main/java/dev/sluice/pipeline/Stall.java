package dev.sluice.pipeline;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A stage that makes no progress, and the worker that is in the way.
 *
 * @param queued how many items wait for it; -1 for a source, which may have nothing to give
 * @param worker where the worker is that works on an item; its place is empty when it has just gone on
 */
record Stall(String stage, long nanos, int queued, String worker, List<StackTraceElement> place) {
    /** After this without progress. */
    static final long NANOS = TimeUnit.SECONDS.toNanos(30);

    /** What is known of one stage of a run from one look to the next. Belongs to who looks. */
    static final class Suspicion {
        private long seen = -1;
        private long since;
        private boolean reported;

        /**
         * Gives a stall when there is one that has not been given before.
         *
         * @param progress changes as long as something moves
         * @param culprit who works on an item
         */
        @Nullable
        Stall look(String stage, long progress, int queued, @Nullable Thread culprit, long now) {
            if (progress != seen || culprit == null) {
                seen = progress;
                since = now;
                reported = false;
                return null;
            }
            if (reported || now - since < NANOS) {
                return null;
            }
            reported = true;
            return new Stall(stage, now - since, queued, culprit.getName(), List.of(culprit.getStackTrace()));
        }
    }

    boolean isOfSource() {
        return queued < 0;
    }

    @Override
    public String toString() {
        String waiting = queued + (queued == 1 ? " item waits" : " items wait") + " for it; ";
        return "stage '" + stage + "' has made no progress for " + TimeUnit.NANOSECONDS.toSeconds(nanos) + " s; "
                + (isOfSource() ? "" : waiting) + worker + " is here:"
                + place.stream().map(frame -> "\n\tat " + frame).collect(Collectors.joining());
    }
}
