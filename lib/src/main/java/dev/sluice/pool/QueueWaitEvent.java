package dev.sluice.pool;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** For the Flight Recorder: how long a task waited in its queue, or in a gated pool from its submission, to its begin; recorded when it begins. */
@Name("dev.sluice.QueueWait")
@Label("Queue Wait")
@Description("The time that a task of a Sluice pool was queued; in a gated pool from its submission to its begin")
@Category("Sluice")
@Enabled(false)
@StackTrace(false)
final class QueueWaitEvent extends Event {
    @Label("Pool")
    String pool;

    @Label("Task")
    @Description("The id of its job; of a bare Runnable the class")
    String task;

    @Label("Waited")
    @Timespan(Timespan.NANOSECONDS)
    long waited;

    QueueWaitEvent(String pool, String task, long waited) {
        this.pool = pool;
        this.task = task;
        this.waited = waited;
    }
}
