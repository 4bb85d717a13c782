package dev.sluice.pool;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** For the Flight Recorder: one run of a task. */
@Name("dev.sluice.TaskRun")
@Label("Task Run")
@Description("A task of a Sluice pool, from its begin to its end")
@Category("Sluice")
@Enabled(false)
@StackTrace(false)
final class TaskRunEvent extends Event {
    @Label("Pool")
    String pool;

    @Label("Task")
    @Description("The id of its job; of a bare Runnable the class")
    String task;

    TaskRunEvent(String pool, String task) {
        this.pool = pool;
        this.task = task;
    }
}
