package dev.sluice.pool;

import org.jspecify.annotations.Nullable;

/**
 * The way to the Flight Recorder, which a runtime image may lack. While nobody records an event, the questions here are
 * answered by a method that returns false, and compile to nothing.
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
        return PRESENT && new TaskRunEvent("", "").isEnabled();
    }

    static boolean tracesWaits() {
        return PRESENT && new QueueWaitEvent("", "", 0).isEnabled();
    }

    /** What {@link #ended} is to be given; the task begins. */
    static @Nullable Object begun(String pool, Object task) {
        if (!tracesRuns()) {
            return null;
        }
        TaskRunEvent event = new TaskRunEvent(pool, name(task));
        event.begin();
        return event;
    }

    static void ended(Object begun) {
        ((TaskRunEvent) begun).commit();
    }

    static void waited(String pool, Object task, long nanos) {
        new QueueWaitEvent(pool, name(task), nanos).commit();
    }

    private static String name(Object task) {
        return task instanceof Task<?> known ? known.name() : task.getClass().getName();
    }
}
