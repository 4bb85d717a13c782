package dev.sluice.gate;

import org.jspecify.annotations.Nullable;

/** The way to the events of the Flight Recorder, with which a JDK may have been built or not. */
final class FlightRecorder {
    private static final boolean PRESENT =
            ModuleLayer.boot().findModule("jdk.jfr").isPresent();

    private FlightRecorder() {}

    /** An event that has begun; null when nobody records it. An object, so that its class is not needed to know that. */
    static @Nullable Object beginWait(String gate, int weight) {
        return PRESENT ? GateWait.begun(gate, weight) : null;
    }

    static void endWait(@Nullable Object event, Waiter.Fate how) {
        if (event != null) {
            ((GateWait) event).ended(how.text);
        }
    }
}
