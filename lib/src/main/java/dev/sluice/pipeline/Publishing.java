package dev.sluice.pipeline;

import dev.sluice.internal.Check;
import java.util.concurrent.Flow;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Publishes what the one worker of the stage {@code publisher} puts, to one subscriber, as fast as that asks for it.
 *
 * <p>{@code lock} guards every field. The subscriber is called without it, by who has set {@code busy}: so by one thread
 * at a time. That is the thread that subscribes, until {@code onSubscribe} has returned, and then the worker for each
 * item. The end is told by whoever finds it there, and nobody busy; who is busy looks for it when he no longer is. Who
 * tells it takes the subscriber away, and nobody calls it after that.
 *
 * <p>The worker waits for a subscriber and its demand; a request, a cancel, an end and an abort wake it.
 */
final class Publishing implements RunEnd, Downstream, Flow.Publisher<Object> {
    private final Execution execution;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private Flow.@Nullable Subscriber<? super Object> subscriber;
    /** Somebody has subscribed, and may have gone. */
    private boolean taken;

    private boolean busy;
    private long demand;
    private boolean aborted;
    private @Nullable End end;

    /** How it ends: with a failure, or well. */
    private record End(@Nullable Throwable failure) {}

    Publishing(Execution execution) {
        this.execution = execution;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super Object> asking) {
        if (!claim(Check.notNull("subscriber", asking))) {
            asking.onSubscribe(new Nothing());
            asking.onError(new IllegalStateException("the results of a run are for one subscriber: " + execution));
            return;
        }
        try {
            asking.onSubscribe(new Demand());
        } catch (Throwable e) {
            // It has broken its contract, and gets nothing: nobody else would ever ask.
            if (forget()) {
                execution.cancel();
            }
            throw e;
        } finally {
            calm();
        }
    }

    private boolean claim(Flow.Subscriber<? super Object> asking) {
        lock.lock();
        try {
            if (taken) {
                return false;
            }
            taken = true;
            busy = true;
            subscriber = asking;
            return true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean put(Object item, Meter meter) {
        Flow.Subscriber<? super Object> to = awaitDemand(meter);
        if (to == null) {
            return false;
        }
        try {
            to.onNext(Tracked.item(item));
        } catch (Throwable e) {
            // It has broken its contract, and gets nothing more.
            forget();
            throw e;
        } finally {
            calm();
        }
        Tracked.release(item);
        return true;
    }

    /** Gives the subscriber when it wants an item, and makes the caller busy; null when nobody will want one. */
    private Flow.@Nullable Subscriber<? super Object> awaitDemand(Meter meter) {
        lock.lock();
        try {
            while (mayWantMore() && (subscriber == null || busy || demand == 0)) {
                meter.waits(Meter.Wait.BLOCKED);
                changed.awaitUninterruptibly();
                meter.goesOn();
            }
            if (!mayWantMore()) {
                return null;
            }
            if (demand != Long.MAX_VALUE) {
                demand--;
            }
            busy = true;
            return subscriber;
        } finally {
            lock.unlock();
        }
    }

    private boolean mayWantMore() {
        return !aborted && end == null && (subscriber != null || !taken);
    }

    /** The caller is not busy any more. */
    private void calm() {
        lock.lock();
        try {
            busy = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        tellEnd();
    }

    @Override
    public void end() {
        endWith(new End(null));
    }

    @Override
    public void fail() {
        endWith(new End(execution.stopReason()));
    }

    private void endWith(End how) {
        lock.lock();
        try {
            if (end == null) {
                end = how;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        tellEnd();
    }

    private void tellEnd() {
        Flow.Subscriber<? super Object> to;
        End how;
        lock.lock();
        try {
            to = busy || end == null ? null : subscriber;
            how = end;
            if (to != null) {
                subscriber = null;
            }
        } finally {
            lock.unlock();
        }
        if (to == null || how == null) {
            return;
        }
        if (how.failure() == null) {
            to.onComplete();
        } else {
            execution.failureSeen();
            to.onError(how.failure());
        }
    }

    /** True when there was a subscriber until here. */
    private boolean forget() {
        lock.lock();
        try {
            boolean there = subscriber != null;
            subscriber = null;
            changed.signalAll();
            return there;
        } finally {
            lock.unlock();
        }
    }

    private void ask(long items) {
        lock.lock();
        try {
            demand = items > Long.MAX_VALUE - demand ? Long.MAX_VALUE : demand + items;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void abort() {
        lock.lock();
        try {
            aborted = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Downstream downstream() {
        return this;
    }

    @Override
    public Object value() {
        return this;
    }

    @Override
    public boolean isThereAtOnce() {
        return true;
    }

    @Override
    public String toString() {
        return "Publisher[" + execution + "]";
    }

    private final class Demand implements Flow.Subscription {
        @Override
        public void request(long items) {
            if (items > 0) {
                ask(items);
                return;
            }
            endWith(new End(new IllegalArgumentException("items must be >= 1 but was " + items + " (rule 3.9)")));
            execution.cancel();
        }

        @Override
        public void cancel() {
            if (forget()) {
                execution.cancel();
            }
        }
    }

    /** For a subscriber that comes too late. */
    private static final class Nothing implements Flow.Subscription {
        @Override
        public void request(long items) {}

        @Override
        public void cancel() {}
    }
}
