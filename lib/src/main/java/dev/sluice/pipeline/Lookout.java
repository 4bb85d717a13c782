package dev.sluice.pipeline;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Looks at one run time and again for stages that make no progress. What it has seen belongs to it alone, and so does its
 * time: who looks by another clock makes one of his own. One look at a time, for a queue of the user's may hold it up.
 */
final class Lookout {
    private final Map<StageRun, Stall.Suspicion> suspicions = new LinkedHashMap<>();
    private final AtomicBoolean looks = new AtomicBoolean();

    Lookout(Execution run) {
        run.stages().forEach(stage -> suspicions.put(stage, new Stall.Suspicion()));
    }

    /** Gives the stalls that it has not given before; none while another look is held up. */
    List<Stall> look(long now) {
        if (!looks.compareAndSet(false, true)) {
            return List.of();
        }
        try {
            return stalls(now);
        } finally {
            looks.set(false);
        }
    }

    private List<Stall> stalls(long now) {
        List<Stall> stalls = new ArrayList<>();
        suspicions.forEach((stage, suspicion) -> {
            Stall stall = stage.stall(suspicion, now);
            if (stall != null) {
                stalls.add(stall);
            }
        });
        return stalls;
    }
}
