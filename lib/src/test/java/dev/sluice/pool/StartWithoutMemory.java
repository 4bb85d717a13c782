package dev.sluice.pool;

import dev.sluice.gate.Gate;
import dev.sluice.testing.FullHeap;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Starts workers while all memory is taken but for a little: in the worker's own thread before it is one, in the thread that
 * submits, to a queue or with a gate, and where the thread does not start; and lets workers run tasks, and go to sleep, so.
 * Each is done with 0 bytes, 16 bytes and so on, up to what is needed. Afterwards the pool runs at full width.
 */
final class StartWithoutMemory {
    private static final int MOST = 1 << 12;
    private static final int ROOM = 300_000;
    private static final int LOOKS = 1_000;
    private static final int ENOUGH_FOR_A_WAIT = 512;

    private static int failures;

    private StartWithoutMemory() {}

    private interface Case {
        /** Whether there was enough memory. */
        boolean passes(int budget) throws Exception;
    }

    public static void main(String[] arguments) throws Exception {
        for (int i = 0; i < 2; i++) { // so that what is loaded and linked once is
            inTheWorker(Integer.MAX_VALUE);
            inTheSubmitter(Integer.MAX_VALUE);
            inTheSubmitterOfAGate(Integer.MAX_VALUE);
            whereNoThreadStarts(Integer.MAX_VALUE);
        }
        betweenTasks(ENOUGH_FOR_A_WAIT);
        FullHeap.takeAllBut(ROOM);
        sweep("in the worker's thread", StartWithoutMemory::inTheWorker);
        sweep("in the submitter's thread", StartWithoutMemory::inTheSubmitter);
        sweep("in the submitter's thread, with a gate", StartWithoutMemory::inTheSubmitterOfAGate);
        sweep("where no thread starts", StartWithoutMemory::whereNoThreadStarts);
        sweep("between tasks", StartWithoutMemory::betweenTasks);
        System.out.println(failures == 0 ? "all passed" : failures + " FAILED");
        System.exit(0);
    }

    private static void sweep(String name, Case each) {
        boolean enough = false;
        for (int budget = 0; budget <= MOST && !enough; budget += FullHeap.step(budget)) {
            try {
                enough = each.passes(budget);
            } catch (Throwable thrown) {
                FullHeap.free();
                fail(name + " with " + budget + " bytes: " + thrown);
                thrown.printStackTrace(System.out);
            }
        }
        if (!enough) {
            fail(name + " was never enough");
        }
    }

    private static void fail(String what) {
        failures++;
        System.out.println("FAILED " + what);
    }

    private static void fill(int budget) {
        if (budget != Integer.MAX_VALUE) {
            FullHeap.fill(budget);
        }
    }

    /** A thread that has no memory left when it becomes a worker. */
    private static final class Starved extends Thread {
        private final int budget;
        volatile boolean isFull;

        Starved(Runnable body, int budget) {
            super(body);
            this.budget = budget;
            setDaemon(true);
        }

        @Override
        public void run() {
            fill(budget);
            isFull = true;
            super.run();
        }
    }

    private static boolean inTheWorker(int budget) throws Exception {
        Starved[] starved = new Starved[1];
        WorkerPool pool = WorkerPool.builder()
                .workers(2)
                .queueCapacity(4)
                .threadFactory(body -> {
                    if (starved[0] != null) {
                        return new Thread(body);
                    }
                    starved[0] = new Starved(body, budget);
                    return starved[0];
                })
                .build();
        TaskHandle<?> first = pool.submit(FullHeap::free);
        Starved thread = starved[0];
        while (!thread.isFull) {
            Thread.yield();
        }
        boolean enough = false;
        for (int i = 0; i < LOOKS && !enough && thread.isAlive(); i++) { // with memory at any time it goes on
            enough = first.isDone();
            Thread.yield();
        }
        FullHeap.free();
        first.get(10, TimeUnit.SECONDS);
        requireFullWidth(pool);
        return enough;
    }

    private static boolean inTheSubmitter(int budget) throws Exception {
        return inTheSubmitter(WorkerPool.builder().workers(2).queueCapacity(4).build(), budget);
    }

    private static boolean inTheSubmitterOfAGate(int budget) throws Exception {
        return inTheSubmitter(WorkerPool.gated(Gate.of(2)), budget);
    }

    private static boolean inTheSubmitter(WorkerPool pool, int budget) throws Exception {
        Runnable nothing = () -> {};
        boolean enough = false;
        fill(budget);
        try {
            pool.execute(nothing);
            enough = true;
        } catch (OutOfMemoryError | RejectedExecutionException e) {
            // As it should be.
        } finally {
            FullHeap.free();
        }
        requireFullWidth(pool);
        return enough;
    }

    /** The only worker waits for a task, and no thread comes that could run it: it fails, or the worker itself comes to it. */
    private static boolean whereNoThreadStarts(int budget) throws Exception {
        RejectedExecutionException none = new RejectedExecutionException("no thread");
        boolean[] starts = {true};
        AtomicBoolean isFree = new AtomicBoolean();
        Runnable[] kept = new Runnable[1];
        WorkerPool pool = WorkerPool.builder()
                .workers(1)
                .queueCapacity(4)
                .threadFactory(body -> {
                    if (!starts[0]) {
                        kept[0] = body; // it takes memory, which would be free again
                        fill(budget);
                        throw none;
                    }
                    Thread thread = new Thread(body);
                    thread.setUncaughtExceptionHandler((at, thrown) -> {}); // of the task that fails
                    return thread;
                })
                .build();
        TaskHandle<TaskHandle<?>> waits = pool.submit(() -> {
            pool.execute(() -> {}); // whose task is made when it has to fail
            TaskHandle<?> other = pool.submit(() -> {});
            starts[0] = false;
            try {
                other.get(10, TimeUnit.SECONDS);
            } catch (OutOfMemoryError | ExecutionException e) {
                // As it should be.
            } finally {
                FullHeap.free();
                starts[0] = true;
                isFree.set(true);
            }
            return other;
        });
        while (!isFree.get()) { // to wait takes memory
            Thread.yield();
        }
        TaskHandle<?> other = waits.get(10, TimeUnit.SECONDS);
        boolean enough = false;
        try {
            other.get(10, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            enough = e.getCause() instanceof RejectedExecutionException why && why != none;
        }
        pool.resize(2);
        requireFullWidth(pool);
        return enough;
    }

    /** Both workers run some, find nothing more, and go to sleep. */
    private static boolean betweenTasks(int budget) throws Exception {
        List<Thread> threads = new CopyOnWriteArrayList<>();
        WorkerPool pool = WorkerPool.builder()
                .workers(2)
                .queueCapacity(4)
                .threadFactory(body -> {
                    Thread thread = new Thread(body);
                    threads.add(thread);
                    return thread;
                })
                .build();
        meet(pool);
        contend((QueuedPool) pool);
        AtomicInteger ran = new AtomicInteger();
        Runnable counts = ran::getAndIncrement;
        Thread[] both = threads.toArray(Thread[]::new);
        int accepted = 0;
        fill(budget);
        try {
            while (accepted < 8) {
                pool.execute(counts);
                accepted++;
            }
        } catch (OutOfMemoryError e) {
            // What the submitter had no memory for, is not in.
        }
        long end = System.nanoTime() + 10_000_000_000L;
        while (ran.get() < accepted && System.nanoTime() - end < 0) {
            Thread.yield();
        }
        for (Thread thread : both) {
            while (thread.getState() == Thread.State.RUNNABLE && System.nanoTime() - end < 0) {
                Thread.yield();
            }
        }
        FullHeap.free();
        if (ran.get() != accepted) {
            throw new AssertionError("ran " + ran + " of " + accepted);
        }
        requireFullWidth(pool);
        return budget >= ENOUGH_FOR_A_WAIT;
    }

    /** The first one who waits for a lock of JDK 17 takes memory that its next ones, and its conditions, need no more. */
    private static void contend(QueuedPool pool) throws Exception {
        pool.lock.lock();
        Thread waits = new Thread(pool::stats);
        waits.start();
        while (!pool.lock.hasQueuedThreads()) {
            Thread.yield();
        }
        pool.lock.unlock();
        waits.join();
    }

    private static void meet(WorkerPool pool) throws Exception {
        CountDownLatch both = new CountDownLatch(2);
        Runnable meets = () -> {
            both.countDown();
            Uninterruptibly.await(both);
        };
        TaskHandle<?> one = pool.submit(meets);
        TaskHandle<?> other = pool.submit(meets);
        one.get(10, TimeUnit.SECONDS);
        other.get(10, TimeUnit.SECONDS);
    }

    private static void requireFullWidth(WorkerPool pool) throws Exception {
        meet(pool);
        PoolStats stats = pool.stats();
        long ended = stats.succeeded() + stats.failed() + stats.rejected();
        if (stats.submitted() != ended + stats.queued() + stats.running() || stats.waiting() != 0) {
            throw new AssertionError("does not add up: " + stats);
        }
        pool.shutdown();
        if (!pool.awaitTermination(10, TimeUnit.SECONDS)) {
            throw new AssertionError("does not end: " + pool);
        }
    }
}
