package dev.sluice.pipeline;

import dev.sluice.internal.SureMonitor;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The threads of one side of a link that wait for the other: how they wait, and how they are called.
 *
 * <p>A waiter looks, yields some times, and then sleeps. Where threads outnumber cores a yield lets run who it waits
 * for, at a fraction of what sleeping costs; to spin would keep that one from its core. Where yields are of no use they
 * get fewer; where items come seldom, so that the sleep was long, and yields only delay who was woken, there are none.
 *
 * <p><b>Calling.</b> {@code wanted} says that somebody sleeps and that nobody is on his way. Who makes a change
 * publishes it and looks at {@code wanted}; if it is set, he takes it back and signals one sleeper, both under the lock,
 * so there is one on his way at a time. Who leaves, and who lies down again, sets it anew for those that sleep.
 *
 * <p><b>What is not lost.</b> A sleeper sets {@code wanted}, and then looks a last time for what it waits for; with a
 * full fence between the two. {@link #call} has the same fence between the change, which its caller has made, and the
 * look at {@code wanted}. So either the sleeper sees the change, or the caller sees {@code wanted}.
 *
 * <p><b>Watchers</b> do not sleep but are run by who calls, with no limit of one at a time: {@code wanted} is not taken
 * back while there is one. Where there are sleepers, too, calls go to the ones and the others in turn, for a watcher may be
 * back before the next call. A call may come to a sleeper who is on his way already; as he looks after it, he sees its
 * change, too, and calls the next when he has used one. They are called only for changes whose maker uses {@link #call},
 * because they do not look again by themselves.
 *
 * <p><b>What may be late.</b> {@link #callIfSeen} has no fence: when it comes at the same moment as a sleeper, neither
 * may see the other. Therefore nobody sleeps without a limit: the first nap after {@code wanted} was set is a
 * millisecond, then he looks again; the next ones are eight times as long each, so that an idle thread costs nothing. The
 * memory model promises no more than that the sleeper will see the change at one of these looks. On a real machine a
 * store is visible, and a look out of order over, after less than a microsecond: who was missed sees the change after
 * the first nap, and whatever comes later finds {@code wanted} set. Who reads that there are no
 * callers, after the fence and before his look, needs no such nap: one that comes has a fence before its next change.
 *
 * <p>Of several sleepers that holds for who has set {@code wanted}. One who sleeps beside him may be in a long nap, and
 * when the call is missed it is the other who looks after a millisecond; by then {@code wanted} is seen. If that one leaves
 * and does not see the change either, who sleeps on is called for the next change, or when its maker waits. So who may
 * be busy for long before that, while others need what he has left, uses {@link #call}.
 */
final class Waiters {
    static final long FIRST_NAP_NANOS = 1_000_000;

    private static final long LONGEST_NAP_NANOS = 60_000_000_000L;
    private static final int MOST_YIELDS = 16;
    /** Whoever slept for less would have done well to yield. */
    private static final long SHORT_SLEEP_NANOS = 200_000;

    private static final int NOBODY = 0;
    private static final int SOMEBODY = 1;
    private static final int SOMEBODY_URGENTLY = 2;

    private static final VarHandle WANTED;

    static {
        try {
            WANTED = MethodHandles.lookup().findVarHandle(Waiters.class, "wanted", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final SureMonitor lock = new SureMonitor();
    private final Condition called = lock.newCondition();
    private final long firstNap;
    // How many may call without a fence at this moment.
    private final AtomicInteger callers = new AtomicInteger();
    // How often the next one who waits yields. A hint; who waits may overwrite another's.
    private int yields = MOST_YIELDS;
    // Guarded by the lock.
    private int asleep;
    private boolean sleeperNext;
    private final ArrayDeque<Runnable> watchers = new ArrayDeque<>(1);
    // Written under the lock; read without it on the way of each item.
    @SuppressWarnings("unused")
    private volatile int wanted;

    Waiters(long firstNapNanos) {
        this.firstNap = firstNapNanos;
    }

    /** The calling thread may {@link #callIfSeen} from now on. */
    void callerComes() {
        callers.getAndIncrement();
        // The update alone is none: on some machines a later look at who sleeps may overtake its store. Then a sleeper
        // could
        // read that there are no callers, and its caller that nobody sleeps.
        storeLoadFence();
    }

    /** The calling thread makes no more changes until it comes again; what it may have missed it calls here. */
    void callerGoes() {
        callers.getAndDecrement();
        call();
    }

    /** Whether somebody has said that he sleeps; may miss who says so at this moment. */
    boolean areSeen() {
        return (int) WANTED.getOpaque(this) != NOBODY;
    }

    /** Whether somebody has slept in vain already, and should be called for little. */
    boolean areUrgent() {
        return (int) WANTED.getOpaque(this) == SOMEBODY_URGENTLY;
    }

    /** Wakes one of those who are seen. */
    void callIfSeen() {
        if (areSeen()) {
            callOne();
        }
    }

    /** Wakes one sleeper, unless one is on his way; misses nobody. */
    void call() {
        storeLoadFence();
        callIfSeen();
    }

    private void callOne() {
        Runnable watcher = null;
        lock.lock();
        try {
            if (wanted != NOBODY) {
                watcher = sleeperNext && asleep > 0 ? null : watchers.poll();
                sleeperNext = watcher != null;
                if (watcher == null) {
                    called.signal();
                }
                if (watchers.isEmpty() && (watcher == null || asleep == 0)) {
                    wanted = NOBODY;
                }
            }
        } finally {
            lock.unlock();
        }
        if (watcher != null) {
            watcher.run();
        }
    }

    /** Wakes all; for a change that each of them must see. */
    void callAll() {
        int here;
        lock.lock();
        try {
            called.signalAll();
            here = watchers.size();
        } finally {
            lock.unlock();
        }
        // One after the other, for a list of them would take memory. Those that come meanwhile have seen the change.
        for (int i = 0; i < here; i++) {
            Runnable watcher = pollWatcher();
            if (watcher != null) {
                watcher.run();
            }
        }
    }

    private @Nullable Runnable pollWatcher() {
        lock.lock();
        try {
            return watchers.poll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Has {@code watcher} run once, without the lock, by who makes the next change and {@linkplain #call calls}; false when
     * it is ready now, and then it is not run. Nobody who has been called is here still: what a call finds here waits.
     */
    boolean watch(Runnable watcher, BooleanSupplier ready) {
        lock.lock();
        try {
            watchers.add(watcher);
            want(Math.max(wanted, SOMEBODY));
            if (!ready.getAsBoolean()) {
                return true;
            }
            watchers.removeLast();
            if (nobodyWaits()) {
                wanted = NOBODY;
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    private boolean nobodyWaits() {
        return asleep == 0 && watchers.isEmpty();
    }

    /**
     * Waits for {@code worth}, and when that takes too long for {@code ready}, which follows from it. The interrupt
     * flag is kept and ends nothing.
     *
     * @param deadline by {@code System.nanoTime()}, or {@link Link#NEVER}
     * @return false when the deadline has passed, and it is not ready
     */
    boolean await(BooleanSupplier worth, BooleanSupplier ready, long deadline) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return awaitInterruptibly(worth, ready, deadline);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** As {@link #await}, but an interrupt ends the sleep. */
    boolean awaitInterruptibly(BooleanSupplier worth, BooleanSupplier ready, long deadline)
            throws InterruptedException {
        return comesSoon(worth) || sleep(ready, deadline);
    }

    private boolean comesSoon(BooleanSupplier worth) {
        int most = yields;
        for (int i = 0; i < most; i++) {
            if (worth.getAsBoolean()) {
                yields = MOST_YIELDS;
                return true;
            }
            Thread.yield();
        }
        yields = (most + 1) / 2;
        return false;
    }

    // It loops.
    @SuppressWarnings("WaitNotInLoop")
    boolean sleep(BooleanSupplier ready, long deadline) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            asleep++;
            long slept = 0;
            long nap = want(Math.max(wanted, SOMEBODY));
            while (!ready.getAsBoolean()) {
                long nanos = deadline == Link.NEVER ? nap : Math.min(nap, deadline - System.nanoTime());
                if (nanos <= 0) {
                    return false;
                }
                slept += nanos - called.awaitNanos(nanos);
                nap = wanted == SOMEBODY_URGENTLY
                        ? Math.min(8 * nap, Math.max(nap, LONGEST_NAP_NANOS))
                        : want(SOMEBODY_URGENTLY);
            }
            yields = slept < SHORT_SLEEP_NANOS ? Math.max(1, yields) : 0;
            return true;
        } finally {
            asleep--;
            want(nobodyWaits() ? NOBODY : SOMEBODY_URGENTLY);
            lock.unlock();
        }
    }

    /** Gives how long one may nap who then looks and finds nothing. */
    private long want(int who) {
        wanted = who;
        storeLoadFence();
        return callers.get() != 0 ? firstNap : Math.max(firstNap, LONGEST_NAP_NANOS);
    }

    /** Between a change and the look whether somebody sleeps; between saying that one sleeps and the last look. */
    private static void storeLoadFence() {
        VarHandle.fullFence();
    }
}
