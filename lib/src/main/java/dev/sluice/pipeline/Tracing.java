package dev.sluice.pipeline;

import dev.sluice.pipeline.Meter.Wait;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The way of one stage to the Flight Recorder, which a runtime image may lack. While nobody records an event, the
 * questions here are answered by a method that returns false, and compile to nothing.
 */
final class Tracing {
    /** For who has no stage. */
    static final Tracing NONE = new Tracing("", "");

    private static final boolean PRESENT = isPresent();

    private final String pipeline;
    private final String stage;

    Tracing(String pipeline, String stage) {
        this.pipeline = pipeline;
        this.stage = stage;
    }

    private static boolean isPresent() {
        try {
            return Class.forName("jdk.jfr.Event") != null;
        } catch (ClassNotFoundException | LinkageError e) {
            return false;
        }
    }

    /** A worker begins to wait; null when nobody records it. An object, so that its class is not needed to know that. */
    @Nullable
    Object waits(Wait what) {
        if (!PRESENT || !new StageStallEvent("", "", "").isEnabled()) {
            return null;
        }
        StageStallEvent event = new StageStallEvent(pipeline, stage, what == Wait.STARVED ? "input" : "room");
        event.begin();
        return event;
    }

    static void goesOn(Object begun) {
        ((StageStallEvent) begun).commit();
    }

    /** The stage has ended. */
    void ended(Supplier<StageStats> stats) {
        if (!PRESENT) {
            return;
        }
        StageEndEvent event = new StageEndEvent(pipeline, stage);
        if (event.isEnabled()) {
            event.counts(stats.get());
            event.commit();
        }
    }
}
