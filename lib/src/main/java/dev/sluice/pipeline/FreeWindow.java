package dev.sluice.pipeline;

import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The window of a stage whose results go on as they come. */
final class FreeWindow extends Window {
    private final ArrayDeque<Work> ready;

    FreeWindow(StageRun stage, Link link, int size) {
        super(stage, link, size, 1);
        this.ready = new ArrayDeque<>(size);
    }

    @Override
    Outbox outbox(StepWorker worker, Meter meter) {
        return new DirectOutbox(worker, meter);
    }

    @Override
    Work work(Object item, long position) {
        return new Work(item, position, null, null, false);
    }

    @Override
    void admit(Work first) {
        for (Work work = first; work != null; work = work.next) {
            ready.add(work);
        }
    }

    @Override
    @Nullable
    Work pollReady(StepWorker worker) {
        return ready.poll();
    }

    @Override
    boolean hasReady() {
        return !ready.isEmpty();
    }

    @Override
    void readyAgain(Work work) {
        ready.addFirst(work);
    }

    @Override
    boolean wants(Work work) {
        return !stage.isAborted();
    }

    @Override
    void finish(Work work, Fate fate, Meter meter) {
        stage.settle(work.input, fate, meter);
        leave();
    }

    @Override
    void drop(Work work, @Nullable Throwable reason) {
        stage.discard(work.input, stage.reasonOr(reason));
        leave();
    }

    private void leave() {
        lock.lock();
        left();
        lock.unlock();
    }

    @Override
    void addRest(List<Work> rest) {
        rest.addAll(ready);
        rest.addAll(waiting());
    }
}
