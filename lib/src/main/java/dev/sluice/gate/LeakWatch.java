package dev.sluice.gate;

import dev.sluice.internal.SureLock;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Knows who holds some of the permits of a gate, and for how long; warns of those that nobody can close any more. */
final class LeakWatch {
    /*
     * A watched permit has a Hold for its source. The Hold is in a list here as long as the permit is open; it refers to the
     * permit weakly, so that the permit can be seen to be garbage. All is made before the permit is granted, so that
     * nothing can fail then. The queue of those that are is looked at whenever a
     * permit is taken or somebody asks: no thread is needed, and a gate that nobody uses does not leak.
     */
    /** Through which a permit is taken: of no use to who reads the stack. */
    private static final Set<String> OURS = Stream.of(
                    Hold.class, LeakWatch.class, Gate.class, KeyedGate.class, Bundle.class)
            .map(Class::getName)
            .collect(Collectors.toSet());

    private static final Logger LOG = LoggerFactory.getLogger(Gate.class);

    private final Admission admission;
    private final int oneIn;
    private final ReferenceQueue<Permit> garbage = new ReferenceQueue<>();

    /** Guards what follows, and the links of the holds; no other lock is taken under it. */
    private final SureLock lock = new SureLock();

    private @Nullable Hold newest;
    private final Durations.Recorder holds = new Durations.Recorder();

    LeakWatch(Admission admission, int oneIn) {
        this.admission = admission;
        this.oneIn = oneIn;
        holds.ready();
    }

    /** A permit that is watched, or by chance is not; to be told when it has been granted. */
    Permit permit(int weight) {
        reportGarbage();
        if (ThreadLocalRandom.current().nextInt(oneIn) > 0) {
            return new Permit(admission, weight);
        }
        Hold hold = new Hold(weight);
        Permit permit = new Permit(hold, weight);
        hold.reference = new Watched(permit, garbage, hold);
        return permit;
    }

    List<Holder> holders() {
        reportGarbage();
        return open().stream().map(Hold::holder).toList();
    }

    /** The oldest first. */
    private List<Hold> open() {
        List<Hold> open = new ArrayList<>();
        lock.lock();
        try {
            for (Hold hold = newest; hold != null; hold = hold.older) {
                open.add(hold);
            }
        } finally {
            lock.unlock();
        }
        Collections.reverse(open);
        return open;
    }

    private void opened(Hold hold) {
        lock.lock();
        try {
            hold.open = true;
            hold.older = newest;
            if (newest != null) {
                newest.newer = hold;
            }
            newest = hold;
        } finally {
            lock.unlock();
        }
    }

    /** False when it was not open. */
    private boolean end(Hold hold, boolean counts) {
        lock.lock();
        try {
            if (!hold.open) {
                return false;
            }
            hold.open = false;
            unlink(hold);
            if (counts) {
                holds.record(System.nanoTime() - hold.since);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void unlink(Hold hold) {
        Hold older = hold.older;
        Hold newer = hold.newer;
        if (newer == null) {
            newest = older;
        } else {
            newer.older = older;
        }
        if (older != null) {
            older.newer = newer;
        }
        hold.older = null;
        hold.newer = null;
    }

    Durations holds() {
        lock.lock();
        try {
            return holds.snapshot();
        } finally {
            lock.unlock();
        }
    }

    /** Somebody has waited in vain. */
    void timedOut() {
        Thread thread = Thread.currentThread();
        reportGarbage();
        List<Hold> open = open();
        List<Holder> holders = open.stream().map(Hold::holder).toList();
        if (open.stream().anyMatch(hold -> hold.thread == thread.getId())) {
            LOG.warn(
                    "{}: {} has waited in vain for a permit that it may hold itself: {}",
                    describe(),
                    name(thread),
                    holders);
        } else {
            LOG.debug("{}: {} has waited in vain for a permit: {}", describe(), name(thread), holders);
        }
    }

    /** Most virtual threads have no name. */
    private static String name(Thread thread) {
        String name = thread.getName();
        return name.isEmpty() ? "thread " + thread.getId() : name;
    }

    private String describe() {
        return admission.describe();
    }

    private void reportGarbage() {
        for (Reference<?> found = garbage.poll(); found != null; found = garbage.poll()) {
            if (found instanceof Watched watched && end(watched.hold, false)) {
                Holder holder = watched.hold.holder();
                LOG.warn(
                        "{}: a permit has been lost, nobody can close it any more: {}\n    {}",
                        describe(),
                        holder,
                        String.join(
                                "\n    ",
                                holder.stack().stream().map(Object::toString).toList()));
            }
        }
    }

    private static final class Watched extends WeakReference<Permit> {
        private final Hold hold;

        Watched(Permit permit, ReferenceQueue<Permit> queue, Hold hold) {
            super(permit, queue);
            this.hold = hold;
        }
    }

    /** One permit that is watched. */
    private final class Hold implements Source {
        private final long thread = Thread.currentThread().getId();
        private final String threadName = name(Thread.currentThread());
        private final Throwable taken = new Throwable();
        private final int weight;
        private long since;
        /** Kept, because a reference that is garbage itself tells nobody. */
        @SuppressWarnings("UnusedVariable")
        private @Nullable Watched reference;

        private boolean open;
        private @Nullable Hold older;
        private @Nullable Hold newer;

        Hold(int weight) {
            this.weight = weight;
        }

        @Override
        public void granted(Permit permit) {
            since = System.nanoTime();
            opened(this);
        }

        @Override
        public void revoked() {
            end(this, false);
        }

        @Override
        public void release(Permit permit) {
            end(this, true);
            admission.release(permit);
        }

        @Override
        public boolean closeLent(Permit permit) {
            boolean closed = admission.closeLent(permit);
            if (closed) {
                end(this, true);
            }
            return closed;
        }

        @Override
        public <T extends @Nullable Object, X extends Exception> T lend(Permit permit, Gate.Work<T, X> work) throws X {
            return admission.lend(permit, work);
        }

        @Override
        public String describe() {
            return admission.describe();
        }

        Holder holder() {
            List<StackTraceElement> stack = Arrays.stream(taken.getStackTrace())
                    .dropWhile(frame -> OURS.contains(frame.getClassName()))
                    .toList();
            return new Holder(threadName, weight, Duration.ofNanos(System.nanoTime() - since), stack);
        }
    }
}
