package dev.sluice.gate;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Knows who holds some of the permits of a gate, and for how long; warns of those that nobody can close any more. */
final class LeakWatch {
    /*
     * A watched permit has a Hold for its source. The Hold is known here as long as the permit is open; it refers to the
     * permit weakly, so that the permit can be seen to be garbage. The queue of those that are is looked at whenever a
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
    private final Set<Hold> open = ConcurrentHashMap.newKeySet();
    private final ReferenceQueue<Permit> garbage = new ReferenceQueue<>();

    /** Guards {@code holds}; no other lock is taken under it. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Durations.Recorder holds = new Durations.Recorder();

    LeakWatch(Admission admission, int oneIn) {
        this.admission = admission;
        this.oneIn = oneIn;
    }

    /** Where a permit comes from: the gate, or a hold that watches it. To be told when it has been granted. */
    Source source() {
        reportGarbage();
        return ThreadLocalRandom.current().nextInt(oneIn) == 0 ? new Hold() : admission;
    }

    List<Holder> holders() {
        reportGarbage();
        return open.stream().map(Hold::holder).toList();
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
        String thread = Thread.currentThread().getName();
        List<Holder> holders = holders();
        if (holders.stream().anyMatch(holder -> holder.thread().equals(thread))) {
            LOG.warn("{}: {} has waited in vain for a permit that it may hold itself: {}", describe(), thread, holders);
        } else {
            LOG.debug("{}: {} has waited in vain for a permit: {}", describe(), thread, holders);
        }
    }

    private String describe() {
        return admission.describe();
    }

    private void reportGarbage() {
        for (Reference<?> found = garbage.poll(); found != null; found = garbage.poll()) {
            if (found instanceof Watched watched && open.remove(watched.hold)) {
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
        private final String thread = Thread.currentThread().getName();
        private final Throwable taken = new Throwable();
        private int weight;
        private long since;
        /** Kept, because a reference that is garbage itself tells nobody. */
        @SuppressWarnings("UnusedVariable")
        private @Nullable Watched reference;

        @Override
        public void granted(Permit permit) {
            weight = permit.weight();
            since = System.nanoTime();
            reference = new Watched(permit, garbage, this);
            open.add(this);
        }

        @Override
        public void revoked() {
            open.remove(this);
        }

        @Override
        public void release(Permit permit) {
            ended();
            admission.release(permit);
        }

        @Override
        public boolean closeLent(Permit permit) {
            boolean closed = admission.closeLent(permit);
            if (closed) {
                ended();
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

        private void ended() {
            if (open.remove(this)) {
                long held = System.nanoTime() - since;
                lock.lock();
                try {
                    holds.record(held);
                } finally {
                    lock.unlock();
                }
            }
        }

        Holder holder() {
            List<StackTraceElement> stack = Arrays.stream(taken.getStackTrace())
                    .dropWhile(frame -> OURS.contains(frame.getClassName()))
                    .toList();
            return new Holder(thread, weight, Duration.ofNanos(System.nanoTime() - since), stack);
        }
    }
}
