package dev.sluice.pool;

import org.jspecify.annotations.Nullable;

/**
 * The way to the Flight Recorder, which a runtime image may lack. While nobody records an event, the questions here are
 * answered by a method that returns false, and compile to nothing. What there is no memory for, is not traced: the task runs.
 */
final class Tracing {
    private static final boolean PRESENT = isPresent();

    private Tracing() {}

    private static boolean isPresent() {
        try {
            return Class.forName("jdk.jfr.Event") != null;
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }

    static boolean tracesRuns() {
        try {
            return PRESENT && new TaskRunEvent("", "").isEnabled();
        } catch (OutOfMemoryError e) {
            return false;
        }
    }

    static boolean tracesWaits() {
        try {
            return PRESENT && new QueueWaitEvent("", "", 0).isEnabled();
        } catch (OutOfMemoryError e) {
            return false;
        }
    }

    /** What {@link #ended} is to be given; the task begins. */
    static @Nullable Object begun(String pool, Object task) {
        if (!tracesRuns()) {
            return null;
        }
        try {
            TaskRunEvent event = new TaskRunEvent(pool, name(task));
            event.begin();
            return event;
        } catch (OutOfMemoryError e) {
            return null;
        }
    }

    static void ended(Object begun) {
        try {
            ((TaskRunEvent) begun).commit();
        } catch (OutOfMemoryError e) {
            // Not traced.
        }
    }

    static void waited(String pool, Object task, long nanos) {
        try {
            new QueueWaitEvent(pool, name(task), nanos).commit();
        } catch (OutOfMemoryError e) {
            // Not traced.
        }
    }

    private static String name(Object task) {
        return task instanceof Task<?> known ? known.name() : task.getClass().getName();
    }
}
