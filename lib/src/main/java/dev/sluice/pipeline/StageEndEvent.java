package dev.sluice.pipeline;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** For the Flight Recorder: the end of a stage, with its counts. */
@Name("dev.sluice.StageEnd")
@Label("Stage End")
@Description("The last worker of a stage of a Sluice pipeline has ended")
@Category("Sluice")
@Enabled(false)
@StackTrace(false)
final class StageEndEvent extends Event {
    @Label("Pipeline")
    String pipeline;

    @Label("Stage")
    String stage;

    @Label("In")
    long in;

    @Label("Completed")
    long completed;

    @Label("Out")
    long out;

    @Label("Busy")
    @Description("Share of the time of its workers since the run began")
    double busy;

    StageEndEvent(String pipeline, String stage) {
        this.pipeline = pipeline;
        this.stage = stage;
    }

    void counts(StageStats stats) {
        in = stats.in();
        completed = stats.completed();
        out = stats.out();
        busy = stats.busy();
    }
}
