package dev.sluice.pipeline;

import dev.sluice.pipeline.Downstream.Put;
import java.util.ArrayDeque;

/**
 * Hands results on as they come, and keeps those for which there is no room. They are few: where one item gives many
 * results, the next is made when there is room. Belongs to one worker.
 */
final class DirectOutbox implements Window.Outbox {
    private final StepWorker worker;
    private final Meter meter;
    private final ArrayDeque<Object> results = new ArrayDeque<>(1);
    private final ArrayDeque<Downstream> targets = new ArrayDeque<>(1);

    DirectOutbox(StepWorker worker, Meter meter) {
        this.worker = worker;
        this.meter = meter;
    }

    @Override
    public Emitter end(Downstream target, Pass pass) {
        return new End(target, pass);
    }

    private final class End extends Emitter {
        private final Downstream target;
        private final Pass pass;

        End(Downstream target, Pass pass) {
            this.target = target;
            this.pass = pass;
        }

        @Override
        boolean emit(Object item) {
            pass.arrived();
            Put put = results.isEmpty() ? target.tryPut(item, meter) : Put.FULL;
            if (put == Put.FULL) {
                results.add(item);
                targets.add(target);
            }
            return put != Put.REFUSED;
        }
    }

    @Override
    public boolean hasRoom(Work work) {
        return results.isEmpty();
    }

    @Override
    public Put flush() {
        if (results.isEmpty()) {
            // What has gone out is delivered, whatever has become of the stage since.
            return Put.DONE;
        }
        Put put = worker.isAborted() ? Put.REFUSED : worker.isAwaitingRoom() ? Put.FULL : Put.DONE;
        while (put == Put.DONE && !results.isEmpty()) {
            Downstream target = targets.element();
            put = target.tryPut(results.element(), meter);
            if (put == Put.FULL) {
                put = worker.awaitsRoom(target) ? Put.FULL : Put.DONE;
            } else if (put == Put.DONE) {
                results.remove();
                targets.remove();
            }
        }
        if (put == Put.REFUSED) {
            results.clear();
            targets.clear();
        }
        return put;
    }
}
