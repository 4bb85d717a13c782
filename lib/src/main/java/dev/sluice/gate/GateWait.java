package dev.sluice.gate;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import org.jspecify.annotations.Nullable;

/** The Flight Recorder event of a wait at a gate. Off unless a recording asks for it. */
@Name("dev.sluice.GateWait")
@Label("Gate Wait")
@Description("Somebody waited for a permit of a gate")
@Category("Sluice")
@Enabled(false)
final class GateWait extends Event {
    @Label("Gate")
    final String gate;

    @Label("Weight")
    final int weight;

    @Label("Outcome")
    String outcome = "";

    private GateWait(String gate, int weight) {
        this.gate = gate;
        this.weight = weight;
    }

    /** Null when nobody records it. */
    static @Nullable GateWait begun(String gate, int weight) {
        GateWait event = new GateWait(gate, weight);
        if (!event.isEnabled()) {
            return null;
        }
        event.begin();
        return event;
    }

    void ended(String how) {
        outcome = how;
        commit();
    }
}
