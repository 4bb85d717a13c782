package dev.sluice.gate;

import org.jspecify.annotations.Nullable;

/** The way to the events of the Flight Recorder, with which a JDK may have been built or not. */
final class FlightRecorder {
    private static final boolean PRESENT =
            ModuleLayer.boot().findModule("jdk.jfr").isPresent();

    private FlightRecorder() {}

    /**
     * An event that has begun; null when nobody records it. An object, so that its class is not needed to know that: to load
     * the first class of an event takes a tenth of a second, which the first who wait would be late by.
     */
    static @Nullable Object beginWait(String gate, int weight) {
        return PRESENT && jdk.jfr.FlightRecorder.isInitialized() ? GateWait.begun(gate, weight) : null;
    }

    static void endWait(@Nullable Object event, Waiter.Fate how) {
        if (event != null) {
            ((GateWait) event).ended(how.text);
        }
    }
}
