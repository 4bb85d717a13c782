package dev.sluice.pipeline;

import dev.sluice.internal.Check;
import java.util.ArrayList;
import java.util.List;

/** Changes how many workers a stage has while it runs. Used once, by a party of the run. */
final class Hiring {
    private final StageRun stage;
    private final Staff staff;

    Hiring(StageRun stage, Staff staff) {
        this.stage = stage;
        this.staff = staff;
    }

    void resize(int n) {
        check(n);
        start(hire(n));
    }

    /** Gives those who have been hired, and counted before that: an abort may have them leave at once. */
    private List<Hand> hire(int n) {
        List<Hand> spare = new ArrayList<>();
        int counted = 0;
        try {
            List<Hand> hired = staff.resize(n, spare);
            while (hired == null) {
                Hand hand = stage.worker();
                hand.meter().comesLate();
                spare.add(hand);
                stage.execution().joins(1);
                counted++;
                hired = staff.resize(n, spare);
            }
            counted -= hired.size();
            return hired;
        } finally {
            // Who is not needed. The caller is a party, so they are not the last.
            stage.execution().joins(-counted);
        }
    }

    private void check(int n) {
        Check.atLeast("workers", n, 1);
        Settings settings = stage.settings();
        if (!settings.isMany()) {
            throw new IllegalStateException("stage '" + stage.name()
                    + "' is made for one worker; to be resized it has to begin with more, or to be resizable()");
        }
        if (settings.needsWindow() && n >= settings.window()) {
            throw new IllegalArgumentException("workers must be < " + settings.window() + ", the window of stage '"
                    + stage.name() + "', but was " + n);
        }
    }

    private void start(List<Hand> hired) {
        Execution execution = stage.execution();
        int started = 0;
        try {
            while (started < hired.size()) {
                execution.start(stage, hired.get(started));
                started++;
            }
        } catch (Throwable e) {
            // OutOfMemoryError among them: the system has no more threads.
            for (int i = started; i < hired.size(); i++) {
                callOff(hired.get(i), e);
            }
            throw new IllegalStateException("stage '" + stage.name() + "' got no thread for another worker", e);
        }
    }

    private void callOff(Hand hand, Throwable cause) {
        hand.dismiss();
        if (!staff.cannotCome()) {
            // All others have left for it.
            stage.breakDown(cause);
        }
        hand.neverStarts();
    }
}
