package dev.sluice.gate;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A future, and what depends on it, whose {@code get} and {@code join} do nothing but wait. Those of {@link
 * CompletableFuture}, in a thread of a {@code ForkJoinPool}, run other tasks of that pool meanwhile; and one that wants
 * the same gate would queue up behind the waiter on whose stack it runs: a deadlock. A pool of that kind may start
 * another thread for the one that waits here.
 */
class PlainFuture<T extends @Nullable Object> extends CompletableFuture<T> {
    private static final long FOR_EVER = Long.MAX_VALUE;
    private static final VarHandle DONE;

    static {
        try {
            DONE = MethodHandles.lookup().findVarHandle(PlainFuture.class, "done", CountDownLatch.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** What all who wait here wait for; made by the first, for nobody may. */
    private volatile @Nullable CountDownLatch done;

    /** Waits until the future is done, or for so long. */
    private final class Wait implements ForkJoinPool.ManagedBlocker {
        private final CountDownLatch latch = whenDone();
        private final long nanos;
        private final long begin = System.nanoTime();

        Wait(long nanos) {
            this.nanos = nanos;
        }

        private long left() {
            return nanos == FOR_EVER ? FOR_EVER : nanos - (System.nanoTime() - begin);
        }

        @Override
        public boolean block() throws InterruptedException {
            return latch.await(left(), TimeUnit.NANOSECONDS) || left() <= 0;
        }

        @Override
        public boolean isReleasable() {
            return isDone() || left() <= 0;
        }
    }

    /** Nobody sees a latch that nothing would open: also when there is no memory for more. */
    private CountDownLatch whenDone() {
        CountDownLatch known = done;
        if (known != null) {
            return known;
        }
        CountDownLatch made = new CountDownLatch(1);
        super.whenComplete((value, failure) -> made.countDown());
        CountDownLatch first = (CountDownLatch) DONE.compareAndExchange(this, null, made);
        return first == null ? made : first;
    }

    @Override
    public <U extends @Nullable Object> CompletableFuture<U> newIncompleteFuture() {
        return new PlainFuture<>();
    }

    @Override
    public T get() throws InterruptedException, ExecutionException {
        await(FOR_EVER);
        return super.get();
    }

    @Override
    public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        await(unit.toNanos(timeout));
        return super.get(0, TimeUnit.NANOSECONDS);
    }

    @Override
    public T join() {
        boolean interrupted = false;
        try {
            while (!isDone()) {
                try {
                    await(FOR_EVER);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        return super.join();
    }

    private void await(long nanos) throws InterruptedException {
        if (!isDone() && nanos > 0) {
            ForkJoinPool.managedBlock(new Wait(nanos));
        }
    }
}
