package dev.sluice.internal;

import java.security.AccessController;
import java.security.PrivilegedAction;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Does things later: one daemon thread, which begins with the first alarm and ends when there has been none for a while.
 *
 * <p>An action runs in that thread, one after the other, so it must be short, must not block and must not call the user's
 * code. Alarms at the same time go off in the order in which they were set. Safe for use by several threads.
 *
 * <p>An alarm that is cancelled forgets its action at once; its place in the heap is given back when half of the heap is
 * such places.
 *
 * <p>The thread allocates nothing to wait and to go on, and ends only under the lock, when there is no alarm: memory that
 * is short for a moment, or an action that throws, may cost that action, but never the other alarms.
 */
public final class Clock {
    private static final Clock LIBRARY = new Clock("sluice-clock", TimeUnit.SECONDS.toNanos(5));
    private static final long FARTHEST = Long.MAX_VALUE / 4;

    private final String name;
    private final long idleNanos;
    /** Guards every field here and the action of each alarm; no other lock is taken under it. */
    private final SureLock lock = new SureLock();

    private final PriorityQueue<Alarm> alarms = new PriorityQueue<>(
            Comparator.<Alarm>comparingLong(a -> a.time - a.clock.begun).thenComparingLong(a -> a.number));
    private final long begun = System.nanoTime();
    private long set;
    private int cancelled;
    private @Nullable Thread thread;

    Clock(String name, long idleNanos) {
        this.name = name;
        this.idleNanos = idleNanos;
    }

    /** Its thread, which can be told from others without a lock. */
    private static final class ClockThread extends Thread {
        ClockThread(Runnable body, String name) {
            super(null, body, name, 0, false);
        }
    }

    /** Something that will be done, unless it is cancelled. */
    public static final class Alarm {
        private final Clock clock;
        private final long time;
        private final long number;
        private @Nullable Runnable action;

        private Alarm(Clock clock, long time, long number, Runnable action) {
            this.clock = clock;
            this.time = time;
            this.number = number;
            this.action = action;
        }

        /** Calls it off; false when it has begun, or was cancelled before. */
        public boolean cancel() {
            return clock.cancel(this);
        }
    }

    /**
     * Does {@code action} when at least {@code nanos} have passed.
     *
     * @throws Error when the thread cannot be started; the alarm is not set then
     */
    public static Alarm in(long nanos, Runnable action) {
        return LIBRARY.set(nanos, action);
    }

    /** Whether an alarm is the caller: in its thread nothing may block, and no code of the user's may run. */
    public static boolean isCaller() {
        return Thread.currentThread() instanceof ClockThread;
    }

    Alarm set(long nanos, Runnable action) {
        lock.lock();
        try {
            if (thread == null) {
                thread = start();
            }
            Alarm alarm = new Alarm(this, System.nanoTime() + Math.min(nanos, FARTHEST), set++, action);
            alarms.add(alarm);
            if (alarms.peek() == alarm) {
                LockSupport.unpark(thread);
            }
            return alarm;
        } finally {
            lock.unlock();
        }
    }

    private boolean cancel(Alarm alarm) {
        lock.lock();
        try {
            if (alarm.action == null) {
                return false;
            }
            alarm.action = null;
            cancelled++;
            if (2 * cancelled > alarms.size()) {
                giveBackPlaces();
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void giveBackPlaces() {
        try {
            alarms.removeIf(each -> each.action == null);
        } catch (OutOfMemoryError e) {
            return; // it has changed nothing, and the next that is cancelled tries again
        }
        cancelled = 0;
        // It may wait for one that is there no longer, and has to see whether it is idle.
        LockSupport.unpark(thread);
    }

    /**
     * Inherits nothing of the thread that happens to set the first alarm: before JDK 24 that would also be the protection
     * domains of all who have called it, and with them their class loaders, for as long as anybody sets alarms.
     */
    @SuppressWarnings("removal")
    private Thread start() {
        Thread started =
                AccessController.doPrivileged((PrivilegedAction<Thread>) () -> new ClockThread(this::run, name));
        started.setDaemon(true);
        started.setContextClassLoader(null);
        started.start();
        return started;
    }

    private void run() {
        boolean goesOn = true;
        while (goesOn) {
            try {
                goesOn = runNext();
            } catch (Throwable e) {
                // A defect of ours, or no memory; the other alarms are not to suffer from it.
                tell(e);
            }
        }
    }

    @SuppressWarnings("EmptyCatch")
    private static void tell(Throwable failure) {
        try {
            LoggerFactory.getLogger(Clock.class).error("an alarm failed", failure);
        } catch (Throwable e) {
            // Without memory there is nobody to tell it to.
        }
    }

    /** Waits for the next action and does it; false when there has been no alarm for so long that the thread ends. */
    private boolean runNext() {
        long idleUntil = System.nanoTime() + idleNanos;
        while (true) {
            long left;
            Runnable action = null;
            lock.lock();
            try {
                Alarm first = alarms.peek();
                left = (first == null ? idleUntil : first.time) - System.nanoTime();
                if (left <= 0) {
                    if (first == null) {
                        thread = null;
                        return false;
                    }
                    action = takeFirst();
                }
            } finally {
                lock.unlock();
            }
            if (action != null) {
                action.run();
                return true;
            }
            pause(left);
        }
    }

    /** The first alarm's action; null when it has been cancelled. */
    private @Nullable Runnable takeFirst() {
        Alarm first = alarms.remove();
        Runnable action = first.action;
        first.action = null;
        if (action == null) {
            cancelled--;
        }
        return action;
    }

    /**
     * Without the lock: what changes before the wait is followed by an {@code unpark}, and the wait does not begin then.
     * Nobody has reason to interrupt this thread; if somebody does, it looks again.
     */
    private void pause(long nanos) {
        if (nanos > 0) {
            LockSupport.parkNanos(this, nanos);
            Thread.interrupted();
        }
    }

    /** How many places the heap has; for tests. */
    int size() {
        lock.lock();
        try {
            return alarms.size();
        } finally {
            lock.unlock();
        }
    }
}
