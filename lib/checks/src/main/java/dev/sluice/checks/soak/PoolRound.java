package dev.sluice.checks.soak;

import dev.sluice.gate.Gate;
import dev.sluice.pool.Job;
import dev.sluice.pool.OnFailure;
import dev.sluice.pool.OnFull;
import dev.sluice.pool.Outcome;
import dev.sluice.pool.PoolStats;
import dev.sluice.pool.ShutdownReport;
import dev.sluice.pool.TaskGroup;
import dev.sluice.pool.TaskHandle;
import dev.sluice.pool.WorkerPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A pool of either variant whose tasks fail, are cancelled, wait for one another, and whose threads cannot be started; it is
 * resized, and closed in one of the ways, often with submitters still at work. Each task runs once or is accounted for, never
 * too many run, and none is interrupted for another.
 */
final class PoolRound extends Round {
    private static final int LANES = 5;

    private final boolean gated = oneIn(6);
    /** Hardly anything goes wrong, and much is done. */
    private final boolean fast = oneIn(3);
    /** It is over before it has well begun: what matters is how it ends. */
    private final boolean brief = !fast && !oneIn(3);

    private final boolean virtual = hasVirtual() && oneIn(2);
    private final OnFull policy = policy();
    private final int width = 1 + random.nextInt(4);
    private final boolean expires = !gated && oneIn(6);
    private final FaultyFactory factory;
    private final Gate gate = Gate.of(width);
    private final WorkerPool pool;
    private final int submitters = 1 + random.nextInt(3);
    private final int each;
    private final boolean closedEarly = oneIn(brief ? 2 : 3);
    /** Groups say themselves what they submit. */
    private final boolean groups = oneIn(3);

    private final Once once;
    private final AtomicIntegerArray accepted;
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicLong calls = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong thrown = new AtomicLong();
    private final AtomicReference<Throwable> wrong = new AtomicReference<>();
    private final AtomicIntegerArray lastInLane = new AtomicIntegerArray(LANES * 4);
    private final List<TaskHandle<?>> handles = Collections.synchronizedList(new ArrayList<>());
    /** The numbers of those that have one. */
    private final Map<TaskHandle<?>, Integer> bodies = Collections.synchronizedMap(new IdentityHashMap<>());

    private final Set<Object> returned = Collections.newSetFromMap(new IdentityHashMap<>());
    private volatile boolean mayInterrupt;
    private volatile boolean cancelsQueued;
    private volatile boolean closing;
    private volatile @Nullable TaskGroup<?> latestGroup;
    /** With one worker tasks start in the order in which they were submitted. */
    private final boolean inOrder;

    private volatile int latestStarted = -1;

    PoolRound(long number, SplittableRandom random, Tally tally) {
        super("pool", number, random, tally);
        int total = brief
                ? 20 + random.nextInt(400)
                : gated && !virtual ? 1_000 : gated ? 20_000 : fast ? 250_000 : oneIn(3) ? 4_000 : 40_000;
        each = total / submitters;
        once = new Once(each * submitters, tally);
        accepted = new AtomicIntegerArray(once.size());
        factory = new FaultyFactory(
                name + "worker-", virtual, oneIn(3) ? 1 + random.nextInt(20) : 0, random.split(), tally);
        pool = build();
        inOrder = width == 1 && submitters == 1 && !gated && policy != OnFull.CALLER_RUNS;
    }

    private OnFull policy() {
        OnFull[] all = OnFull.values();
        OnFull any = oneIn(2) ? OnFull.BLOCK : all[random.nextInt(all.length)];
        return gated && (any == OnFull.CALLER_RUNS || any == OnFull.DROP_OLDEST) ? OnFull.REJECT : any;
    }

    private WorkerPool build() {
        WorkerPool.Builder builder =
                WorkerPool.builder().name(name).onFull(policy).threadFactory(factory);
        if (gated) {
            return builder.gate(gate).build();
        }
        builder.workers(width)
                .queueCapacity(!fast && oneIn(3) ? 1 + random.nextInt(4) : 1 << (fast ? 10 : 3 + random.nextInt(8)));
        if (oneIn(4)) {
            builder.keepAlive(Duration.ofNanos(1 + random.nextInt(200_000)));
        }
        if (expires) {
            builder.queueTimeout(Duration.ofNanos(1 + random.nextInt(500_000)));
        }
        if (oneIn(8)) {
            builder.exactTimings();
        }
        return builder.build();
    }

    @Override
    void run() throws Exception {
        List<Thread> submitting = new ArrayList<>();
        for (int i = 0; i < submitters; i++) {
            Submitter submitter = new Submitter(i * each, i, random.split());
            submitting.add(start("submitter", true, submitter::submitAll));
        }
        if (oneIn(2)) {
            SplittableRandom own = random.split();
            chaos(brief ? 10 : 100 + random.nextInt(500), interrupts(), this::cancelGroup, () -> {
                pool.resize(1 + own.nextInt(width));
                tally.fault("pool resized");
            });
        }
        start("looks", false, () -> {
            while (!closing) {
                requireSums(pool.stats());
                LockSupport.parkNanos(1_000_000);
            }
        });
        if (closedEarly) {
            LockSupport.parkNanos(brief ? random.nextInt(200_000) : 100_000L * (1 + random.nextInt(200)));
            tally.fault("pool closed under its submitters");
        } else {
            join(submitting);
        }
        closing = true;
        end();
        join(submitting);
        joinAll();
        factory.calm();
        pool.close();
        check();
    }

    private void cancelGroup() {
        TaskGroup<?> group = latestGroup;
        if (group != null) {
            group.cancel();
            tally.fault("group cancelled");
        }
    }

    /** In one of the ways. */
    private void end() throws Exception {
        switch (random.nextInt(5)) {
            case 0 -> {
                mayInterrupt = true;
                cancelsQueued = true;
                returned.addAll(pool.shutdownNow());
                tally.fault("shutdownNow");
            }
            case 1 -> {
                mayInterrupt = true;
                cancelsQueued = true;
                ShutdownReport report = pool.close(Duration.ofNanos(random.nextInt(2_000_000)));
                // A task that is under way gets to its end: no task waits for long.
                tally.fault("close with a time limit");
                require(report.neverStarted().size() <= once.size(), report::toString);
            }
            case 2 -> {
                mayInterrupt = true;
                cancelsQueued = true;
                Thread closer = start("closer", false, () -> {
                    pool.close();
                    require(pool.isTerminated(), () -> "not terminated after close: " + pool);
                });
                LockSupport.parkNanos(1 + random.nextInt(500_000));
                closer.interrupt();
                tally.fault("close interrupted");
                closer.join();
            }
            case 3 -> {
                pool.shutdown();
                require(pool.awaitTermination(100, TimeUnit.SECONDS), () -> "does not end: " + pool);
            }
            default -> pool.close();
        }
    }

    private void check() {
        Throwable failure = wrong.get();
        require(failure == null, () -> "a task found: " + failure);
        require(pool.isTerminated(), () -> "not terminated: " + pool);
        PoolStats stats = pool.stats();
        requireSums(stats);
        require(
                stats.queued() == 0 && stats.running() == 0 && stats.waiting() == 0,
                () -> "something is left: " + stats);
        for (TaskHandle<?> handle : handles) {
            require(handle.isDone(), () -> "pending after the end: " + handle);
        }
        bodies.forEach((handle, number) -> {
            if (!once.hasSeen(number) && hasSucceeded(handle)) {
                tally.add(Tally.LOST, 1);
                throw new AssertionError("succeeded, and has not run: " + number);
            }
        });
        if (!groups) {
            require(stats.submitted() == calls.get(), () -> calls + " calls, but " + stats);
            require(stats.rejected() == refused.get(), () -> refused + " refused, but " + stats);
        }
        requireNoneLost(stats);
        require(uncaught.get() <= thrown.get(), () -> uncaught + " uncaught, " + thrown + " thrown");
        require(
                withoutThread.get() <= factory.failures(),
                () -> withoutThread + " without a thread, " + factory.failures() + " threads failed");
        int out = gate.permits() - gate.available();
        if (gated && out != 0) {
            tally.add(Tally.PERMITS_LEAKED, Math.abs(out));
            throw new AssertionError(out + " permits are not back: " + gate);
        }
        if (gated) {
            tally.add(Tally.PERMITS, stats.succeeded());
        }
        tally.add(Tally.TASKS, stats.submitted());
        requireNoThreads(factory::living);
    }

    private static boolean hasSucceeded(TaskHandle<?> handle) {
        CompletableFuture<?> end = handle.toCompletableFuture();
        return end.isDone() && !end.isCompletedExceptionally();
    }

    /** What was accepted by execute and did not run was given back, or is among those that the accounts name. */
    private void requireNoneLost(PoolStats stats) {
        long missing = 0;
        for (int i = 0; i < once.size(); i++) {
            if (accepted.get(i) != 0 && !once.hasSeen(i)) {
                missing++;
            }
        }
        long givenBack = 0;
        for (Object runnable : returned) {
            if (runnable instanceof Body body) {
                require(!once.hasSeen(body.number), () -> "given back, and run: " + body.number);
                missing -= accepted.get(body.number);
                givenBack += accepted.get(body.number);
            }
        }
        long cancelledByHandle =
                handles.stream().filter(TaskHandle::isCancelled).count();
        boolean drops = expires || policy == OnFull.DROP_NEWEST || policy == OnFull.DROP_OLDEST;
        long explained = withoutThread.get()
                + withoutMemory.get()
                + (drops ? stats.dropped() : 0)
                + (cancelsQueued ? Math.max(0, stats.cancelled() - givenBack - cancelledByHandle) : 0);
        if (missing > explained) {
            tally.add(Tally.LOST, missing - explained);
            throw new AssertionError(missing + " tasks were lost, " + explained + " are accounted for: " + stats);
        }
    }

    /** What a task throws stays in its handle, which nobody asks for it. */
    private void see(int number) {
        try {
            once.see(number);
        } catch (AssertionError e) {
            wrong.compareAndSet(null, e);
        }
    }

    private static void requireSums(PoolStats stats) {
        require(
                stats.submitted()
                        == stats.succeeded()
                                + stats.failed()
                                + stats.cancelled()
                                + stats.rejected()
                                + stats.dropped()
                                + stats.queued()
                                + stats.running(),
                () -> "the accounts do not add up: " + stats);
    }

    /** What a task does. */
    private enum Deed {
        NOTHING,
        YIELDS,
        FAILS,
        SLEEPS,
        WAITS_FOR_ANOTHER
    }

    private final class Body implements Runnable {
        final int number;
        private final Deed deed;
        private final long seed;
        /** Nobody has a handle by which to interrupt it. */
        private final boolean handleless;

        Body(int number, Deed deed, long seed, boolean handleless) {
            this.number = number;
            this.deed = deed;
            this.seed = seed;
            this.handleless = handleless;
        }

        @Override
        public void run() {
            see(number);
            enter();
            if (inOrder) {
                if (number < latestStarted) {
                    wrong.compareAndSet(null, new AssertionError(number + " started after " + latestStarted));
                }
                latestStarted = number;
            }
            if (handleless
                    && policy != OnFull.CALLER_RUNS
                    && Thread.currentThread().isInterrupted()
                    && !mayInterrupt) {
                wrong.compareAndSet(null, new AssertionError("interrupted for another"));
            }
            try {
                act();
            } finally {
                running.decrementAndGet();
            }
        }

        private void enter() {
            int now = running.incrementAndGet();
            int most = width + (policy == OnFull.CALLER_RUNS ? submitters : 0);
            if (now > most) {
                wrong.compareAndSet(null, new AssertionError(now + " run at once, the limit is " + most));
            }
        }

        private void act() {
            switch (deed) {
                case NOTHING -> {}
                case YIELDS -> Thread.yield();
                case SLEEPS -> LockSupport.parkNanos(50_000);
                case FAILS -> {
                    Mishap mishap = Mishap.any(new SplittableRandom(seed));
                    thrown.incrementAndGet();
                    tally.fault(mishap.kind);
                    PoolRound.<RuntimeException>happen(mishap);
                }
                case WAITS_FOR_ANOTHER -> waitForAnother();
            }
        }

        private void waitForAnother() {
            calls.incrementAndGet();
            running.decrementAndGet();
            try {
                TaskHandle<?> other = pool.submit(() -> 1);
                handles.add(other);
                other.get();
            } catch (RejectedExecutionException e) {
                refused.incrementAndGet();
            } catch (InterruptedException | ExecutionException | java.util.concurrent.CancellationException e) {
                // Its pool is being closed, or the other one was dropped.
            } finally {
                enter();
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static <X extends Throwable> void happen(Mishap mishap) throws X {
        try {
            mishap.happen();
        } catch (Throwable t) { // as planned
            throw (X) t;
        }
    }

    private final class Submitter {
        private final int end;
        private final int who;
        private final SplittableRandom own;
        private final List<TaskHandle<?>> recent = new ArrayList<>();
        private int next;

        Submitter(int first, int who, SplittableRandom own) {
            this.next = first;
            this.end = first + each;
            this.who = who;
            this.own = own;
        }

        void submitAll() {
            while (next < end && !pool.isShutdown()) {
                int number = next++;
                try {
                    submit(number);
                } catch (InterruptedException e) {
                    calls.decrementAndGet(); // the task is not submitted
                    tally.fault("interrupt that ended a wait");
                } catch (RejectedExecutionException e) {
                    refused.incrementAndGet();
                    tally.fault("task refused");
                    if (Thread.interrupted()) {
                        tally.fault("interrupt that ended a wait");
                    }
                }
            }
        }

        private Body body(int number, boolean handleless) {
            // What can be cancelled stays a little, so that it is running then.
            int dice = own.nextInt(fast ? 8192 : brief ? 24 : handleless ? 512 : 32);
            Deed deed = dice < 2
                    ? Deed.FAILS
                    : dice < 4
                            ? Deed.WAITS_FOR_ANOTHER
                            : dice < 5 ? Deed.SLEEPS : dice < 16 ? Deed.YIELDS : Deed.NOTHING;
            return new Body(number, deed, own.nextLong(), handleless);
        }

        private void submit(int number) throws InterruptedException {
            int dice = own.nextInt(fast && own.nextInt(16) > 0 ? 85 : 100);
            if (groups && dice == 99 && own.nextInt(4) == 0) {
                group();
                return;
            }
            calls.incrementAndGet();
            if (dice < 85) {
                pool.execute(body(number, true));
                accepted.setPlain(number, 1);
            } else if (dice < 90) {
                keep(pool.submit(body(number, false)), number);
            } else if (dice < 92) {
                Optional<TaskHandle<?>> handle = pool.trySubmit(body(number, false));
                handle.ifPresentOrElse(some -> keep(some, number), refused::incrementAndGet);
            } else if (dice < 94) {
                Optional<TaskHandle<?>> handle =
                        pool.trySubmit(body(number, false), Duration.ofNanos(own.nextInt(50_000)));
                handle.ifPresentOrElse(some -> keep(some, number), refused::incrementAndGet);
            } else if (dice < 95) {
                Body body = body(number, false);
                keep(
                        pool.submit(Job.of(number, () -> {
                                    body.run();
                                    return 1;
                                })
                                .timeLimit(Duration.ofNanos(1 + own.nextInt(200_000)))),
                        number);
                tally.fault("time limit");
            } else {
                lane(number);
            }
        }

        /** One of its own lanes: there the numbers come in their order. */
        private void lane(int number) {
            if (policy == OnFull.CALLER_RUNS) {
                keep(pool.submit(body(number, false)), number);
                return;
            }
            int lane = who * LANES + own.nextInt(LANES);
            pool.lane(lane).execute(() -> {
                see(number);
                if (lastInLane.getAndSet(lane, number) > number) {
                    wrong.compareAndSet(null, new AssertionError("out of order in a lane: " + number));
                }
            });
            accepted.setPlain(number, 1);
        }

        private void keep(TaskHandle<?> handle, int number) {
            recent.add(handle);
            handles.add(handle);
            bodies.put(handle, number);
            if (own.nextInt(4) == 0) {
                recent.get(own.nextInt(recent.size())).cancel(own.nextBoolean());
                tally.fault("task cancelled");
            }
            if (recent.size() > 16) {
                recent.clear();
            }
        }

        private void group() {
            OnFailure onFailure = own.nextBoolean() ? OnFailure.COLLECT : OnFailure.FAIL_FAST;
            try (TaskGroup<Integer> group = pool.group(onFailure)) {
                latestGroup = group;
                int count = own.nextInt(6);
                int fails = own.nextInt(12);
                for (int i = 0; i < count; i++) {
                    int me = i;
                    handles.add(group.submit(() -> {
                        if (me == fails) {
                            throw new Exception("planned");
                        }
                        return me;
                    }));
                }
                if (own.nextInt(4) == 0) {
                    group.cancel();
                    tally.fault("group cancelled");
                }
                int outcomes = 0;
                for (Outcome<Integer> outcome : group.outcomes()) {
                    outcomes++;
                    require(outcomes <= count, () -> "one outcome too many: " + outcome);
                }
                int seen = outcomes;
                require(seen == count, () -> seen + " outcomes of " + count);
            } catch (java.util.concurrent.CancellationException e) {
                tally.fault("interrupt that ended a wait");
                Thread.interrupted();
            }
        }
    }
}
