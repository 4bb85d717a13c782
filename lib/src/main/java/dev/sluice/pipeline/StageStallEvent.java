package dev.sluice.pipeline;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;

/** For the Flight Recorder: one wait of a worker for the stage before or behind it. */
@Name("dev.sluice.StageStall")
@Label("Stage Stall")
@Description("A worker of a Sluice pipeline waited, for input or for room")
@Category("Sluice")
@Enabled(false)
@Threshold("10 ms")
@StackTrace(false)
final class StageStallEvent extends Event {
    @Label("Pipeline")
    String pipeline;

    @Label("Stage")
    String stage;

    @Label("Waits For")
    @Description("input or room")
    String waitsFor;

    StageStallEvent(String pipeline, String stage, String waitsFor) {
        this.pipeline = pipeline;
        this.stage = stage;
        this.waitsFor = waitsFor;
    }
}
