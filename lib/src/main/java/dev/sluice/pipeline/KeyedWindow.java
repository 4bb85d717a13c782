package dev.sluice.pipeline;

import dev.sluice.pipeline.Work.Line;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The window of a keyed stage. The items of a key stand in a {@link Line}, of which one at a time is worked on: from when it
 * is handed out until its results have been put, attempts that fail and the waits between them included.
 *
 * <p>{@code ready} has each line once that is not held and has somebody waiting, and each that is held by a work whose next
 * attempt may begin. When the line of what was read last has its share, that item and what was read behind it is {@code
 * pending}, and nothing more is read.
 *
 * <p>{@code lines} is used by who reads, because the keys' {@code hashCode} and {@code equals} are the user's: a line that
 * has become empty is forgotten at the next reading.
 */
final class KeyedWindow extends Window {
    private static final int MOST_AT_ONCE = 32;

    private final StageFunction<Object, ?> keyOf;
    private final int perKey;
    private final Map<Object, Line> lines = new HashMap<>();
    private final ArrayDeque<Line> ready;
    private List<Line> emptied = new ArrayList<>();
    private List<Line> toForget = new ArrayList<>();
    private @Nullable Work pending;
    private @Nullable Line full;

    KeyedWindow(StageRun stage, Link link, int size, StageFunction<Object, ?> keyOf, int perKey) {
        super(stage, link, size, MOST_AT_ONCE);
        this.keyOf = keyOf;
        this.ready = new ArrayDeque<>(size);
        this.perKey = perKey;
    }

    @Override
    Outbox outbox(StepWorker worker, Meter meter) {
        return new DirectOutbox(worker, meter);
    }

    @Override
    void beginReading() {
        // What is idle now stays so until this worker has read: nobody else adds to a line.
        List<Line> spare = toForget;
        toForget = emptied;
        emptied = spare;
        toForget.removeIf(line -> !line.isIdle());
    }

    @Override
    void beforeReading() {
        for (Line line : toForget) {
            try {
                lines.remove(line.key, line);
            } catch (Throwable e) {
                // The key's equals() or hashCode(): the line cannot be found again.
                stage.failOutsideItems(-1, e);
            }
        }
        toForget.clear();
    }

    @Override
    Work work(Object item, long position) {
        try {
            Object key = keyOf.apply(Tracked.item(item));
            if (key == null) {
                throw new NullPointerException("stage '" + stage.name() + "': the key is null");
            }
            Line line = lines.get(key);
            if (line == null) {
                line = new Line(key);
                lines.put(key, line);
            }
            return new Work(item, position, line, null, false);
        } catch (Throwable e) {
            // The item fails with it when it is handed out, as if its function had thrown it.
            return new Work(item, position, new Line(null), e, false);
        }
    }

    @Override
    void admit(Work first) {
        pending = first;
        admitPending();
    }

    private void admitPending() {
        full = null;
        while (pending != null) {
            Work work = pending;
            Line line = lineOf(work);
            if (line.waiting >= perKey) {
                full = line;
                return;
            }
            pending = work.next;
            line.add(work);
            if (!line.held && line.waiting == 1) {
                ready.add(line);
            }
        }
    }

    private static Line lineOf(Work work) {
        Line line = work.line;
        if (line == null) {
            throw new IllegalStateException("a work of a keyed stage has no line");
        }
        return line;
    }

    @Override
    boolean admits() {
        return pending == null;
    }

    @Override
    @Nullable
    Work pollReady(StepWorker worker) {
        Line line = ready.poll();
        if (line == null) {
            return null;
        }
        Work work = line.again;
        if (work != null) {
            line.again = null;
            return work;
        }
        line.held = true;
        work = line.poll();
        // There is room for one more of this key.
        admitPending();
        return work;
    }

    @Override
    boolean hasReady() {
        return !ready.isEmpty();
    }

    @Override
    void readyAgain(Work work) {
        Line line = lineOf(work);
        line.again = work;
        ready.addFirst(line);
    }

    @Override
    boolean wants(Work work) {
        return !stage.isAborted();
    }

    @Override
    void finish(Work work, Fate fate, Meter meter) {
        stage.settle(work.input, fate, meter);
        leave(lineOf(work));
    }

    @Override
    void drop(Work work, @Nullable Throwable reason) {
        stage.discard(work.input, stage.reasonOr(reason));
        leave(lineOf(work));
    }

    private void leave(Line line) {
        lock.lock();
        try {
            left();
            line.held = false;
            if (line.waiting > 0) {
                ready.add(line);
            } else if (line.key != null) {
                emptied.add(line);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    void addRest(List<Work> rest) {
        List<Line> all = new ArrayList<>(lines.values());
        // Those without a key are not in the map.
        ready.stream().filter(line -> line.key == null).forEach(all::add);
        for (Line line : all) {
            if (line.again != null) {
                rest.add(line.again);
            }
            for (Work work = line.first; work != null; work = work.next) {
                rest.add(work);
            }
        }
        for (Work work = pending; work != null; work = work.next) {
            rest.add(work);
        }
        rest.addAll(waiting());
    }

    @Override
    @Nullable
    Object fullKey() {
        lock.lock();
        Object key = full == null ? null : full.key;
        lock.unlock();
        return key;
    }

    /** How many keys are known; when nobody reads. */
    int keys() {
        return lines.size();
    }
}
