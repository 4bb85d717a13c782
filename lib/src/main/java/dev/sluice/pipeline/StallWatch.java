package dev.sluice.pipeline;

import dev.sluice.internal.Clock;
import dev.sluice.internal.Threads;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at all runs now and then, and logs once which stage has made no progress for half a minute, and where its worker
 * is. Nothing has to be set or called off for a run but its place in the set: there is one alarm for all.
 *
 * <p>Who starts a run adds it, and then sees to it that there is an alarm. The alarm takes back that it is set, has a thread
 * look at all runs, and sets itself again if there are any. So there is one whenever there is a run.
 */
final class StallWatch {
    private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final Map<Execution, Lookout> RUNNING = new ConcurrentHashMap<>();
    private static final AtomicBoolean SET = new AtomicBoolean();

    private StallWatch() {}

    static void begin(Execution run) {
        RUNNING.put(run, new Lookout(run));
        set();
    }

    static void end(Execution run) {
        RUNNING.remove(run);
    }

    static boolean watches(Execution run) {
        return RUNNING.containsKey(run);
    }

    private static void set() {
        if (!SET.get() && SET.compareAndSet(false, true)) {
            try {
                Clock.in(PERIOD_NANOS, StallWatch::wake);
            } catch (Throwable e) {
                // The system has no more threads: whoever needs one for his work will say so.
                SET.set(false);
            }
        }
    }

    /** By the clock, whose thread must not wait for a queue of the user's that is being used, nor write to his log. */
    static void wake() {
        SET.set(false);
        // Not for ever: the reader of a run whose stages have ended may never come back.
        RUNNING.keySet().removeIf(Execution::isQuiet);
        if (!RUNNING.isEmpty()) {
            // Without a thread there is no look this time.
            Threads.start(Threads.platform("sluice-stalls-", true), StallWatch::look);
            set();
        }
    }

    /** Who is held up at one run holds up no look at the others: the next one that comes passes it by. */
    private static void look() {
        long now = System.nanoTime();
        RUNNING.forEach((run, lookout) -> {
            List<Stall> stalls = lookout.look(now);
            if (!stalls.isEmpty()) {
                log(run, stalls);
            }
        });
    }

    private static void log(Execution run, List<Stall> stalls) {
        Logger log = LoggerFactory.getLogger(PipelineRun.class);
        for (Stall stall : stalls) {
            if (stall.isOfSource()) {
                log.info("{}: {}", run, stall); // who waits for news is as silent as who hangs
            } else {
                log.warn("{}: {}", run, stall);
            }
        }
    }
}
