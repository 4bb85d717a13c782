package dev.sluice.pipeline;

import dev.sluice.internal.Clock;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** An input that a stepped stage has taken, until it has left the stage. What changes is guarded by the window's lock. */
final class Work {
    final Object input;
    final long position;
    /** In a keyed stage, the line it stands in. */
    final @Nullable Line line;
    /** Why it has no line: it fails with this instead of being worked on. */
    final @Nullable Throwable keyFailure;

    /** Attempts that have failed. Written by who has it in hand. */
    int failures;
    /** The one behind it, in its line or in what has just been read. */
    @Nullable
    Work next;
    /** How often it has waited for one. */
    int waits;
    /** It waits for its next attempt; null also for a moment before it does. */
    Clock.@Nullable Alarm alarm;

    /** In an ordered stage: what has not gone out. */
    final ArrayDeque<Object> results;
    /** In an ordered stage: who works on it. */
    @Nullable
    StepWorker worker;
    /** In an ordered stage: what became of it, when the work on it is done. */
    @Nullable
    Fate fate;
    /** In an ordered stage: it has met its fate, which is counted and told; what it gave before may still have to go out. */
    boolean settled;

    private static final ArrayDeque<Object> NONE = new ArrayDeque<>(0);

    Work(Object input, long position, @Nullable Line line, @Nullable Throwable keyFailure, boolean ordered) {
        this.input = input;
        this.position = position;
        this.line = line;
        this.keyFailure = keyFailure;
        this.results = ordered ? new ArrayDeque<>(1) : NONE;
    }

    /** The items of one key that wait for their turn. */
    static final class Line {
        final @Nullable Object key;

        @Nullable
        Work first;

        @Nullable
        Work last;

        int waiting;
        /** One of them is being worked on, or waits for its next attempt. */
        boolean held;
        /** The one that holds the line, when its next attempt may begin. */
        @Nullable
        Work again;

        Line(@Nullable Object key) {
            this.key = key;
        }

        void add(Work work) {
            work.next = null;
            if (last == null) {
                first = work;
            } else {
                last.next = work;
            }
            last = work;
            waiting++;
        }

        @Nullable
        Work poll() {
            Work head = first;
            if (head != null) {
                first = head.next;
                head.next = null;
                last = first == null ? null : last;
                waiting--;
            }
            return head;
        }

        boolean isIdle() {
            return !held && waiting == 0;
        }
    }
}
