package dev.sluice.checks.soak;

import dev.sluice.pipeline.ItemIterator;
import dev.sluice.pipeline.OnError;
import dev.sluice.pipeline.Pipeline;
import dev.sluice.pipeline.PipelineBuilder;
import dev.sluice.pipeline.PipelineException;
import dev.sluice.pipeline.PipelineRun;
import dev.sluice.pipeline.PipelineStats;
import dev.sluice.pipeline.Retry;
import dev.sluice.pipeline.Source;
import dev.sluice.pipeline.StageOptions;
import dev.sluice.pipeline.StageStats;
import dev.sluice.pool.WorkerPool;
import dev.sluice.queue.RingBlockingQueue;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;

/**
 * A pipeline whose functions fail, whose stages are resized, which is cancelled, drained, interrupted or left by its reader.
 * Each item has one fate: it is delivered, sent elsewhere, told to the discard handler, or counted as skipped; in order, where
 * that was promised.
 */
final class PipelineRound extends Round {
    private static final int KEYS = 17;
    /** Fewer than any window has room for. */
    private static final int MOST_AFTER_RESIZE = 2;

    private record Item(int number) {}

    private static final Item END = new Item(-1);

    private final int count;
    private final boolean calmWork;
    private final WorkerPool pool;
    private final FaultyFactory factory;
    private final Once once;
    private final AtomicLong delivered = new AtomicLong();
    private final AtomicLong discarded = new AtomicLong();
    private final AtomicInteger produced = new AtomicInteger();
    private final Once answered;
    private final AtomicReference<Throwable> wrong = new AtomicReference<>();
    private final int[] lastOfKey = new int[KEYS];
    private final boolean virtual = hasVirtual() && oneIn(3);
    /** All results come in the order of the input, as far as the stages so far go. */
    private boolean ordered = true;
    /** At least those of one key do. */
    private boolean keyed = true;

    private int stages;
    private volatile boolean over;

    PipelineRound(long number, SplittableRandom random, Tally tally) {
        super("pipeline", number, random, tally);
        calmWork = random.nextInt(5) < 2;
        count = calmWork
                ? 300_000 + random.nextInt(500_000)
                : 1 + random.nextInt(oneIn(8) ? 10_000 : oneIn(2) ? 500 : 30);
        once = new Once(count, tally);
        answered = new Once(count, tally);
        factory = new FaultyFactory(name + "pool-", virtual, 0, random.split(), tally);
        pool = WorkerPool.builder()
                .workers(1 + random.nextInt(3))
                .threadFactory(factory)
                .build();
        java.util.Arrays.fill(lastOfKey, -1);
    }

    @Override
    void run() throws Exception {
        boolean acknowledged = !calmWork && oneIn(3);
        PipelineBuilder<Item> builder = (acknowledged ? acknowledged() : source()).name(name);
        if (virtual) {
            builder = builder.virtualThreads();
        }
        boolean throwing = oneIn(4);
        builder = builder.onDiscard((item, stage, reason) -> {
            discarded.incrementAndGet();
            see((Item) item, 1, "as discarded in " + stage + ": " + reason);
            if (throwing) {
                tally.fault("discard handler threw");
                throw new Exception("planned");
            }
        });
        stages = random.nextInt(4);
        boolean mayFail = !calmWork && oneIn(3);
        for (int i = 0; i < stages; i++) {
            builder = stage("s" + i, builder, mayFail);
        }
        PipelineStats stats = switch (random.nextInt(4)) {
            case 0 -> iterate(builder);
            case 1 -> toQueue(builder);
            default -> forEach(builder);
        };
        over = true;
        joinAll();
        check(stats, acknowledged);
    }

    private void see(Item item, int bit, String where) {
        try {
            once.see(item.number(), bit, where);
        } catch (AssertionError e) {
            wrong.compareAndSet(null, e);
        }
    }

    // ---- sources -----------------------------------------------------------------------------------

    private PipelineBuilder<Item> source() {
        return switch (random.nextInt(3)) {
            case 0 -> Pipeline.fromEach(() -> IntStream.range(0, count).mapToObj(this::produce));
            case 1 ->
                Pipeline.fromIterator(
                        IntStream.range(0, count).mapToObj(this::produce).iterator());
            default -> fromQueue();
        };
    }

    private Item produce(int number) {
        return new Item(number);
    }

    private PipelineBuilder<Item> fromQueue() {
        BlockingQueue<Item> queue = new RingBlockingQueue<>(1024);
        start("feeder", false, () -> {
            for (int i = 0; i <= count && !over; i++) {
                Item item = i < count ? produce(i) : END;
                while (!over && !queue.offer(item, 1, TimeUnit.MILLISECONDS)) {
                    // Nobody takes any more, or not yet.
                }
            }
        });
        return Pipeline.fromQueue(queue, END);
    }

    private PipelineBuilder<Item> acknowledged() {
        return Pipeline.fromSource(new Source<Item>() {
            @Override
            public Item next() {
                int number = produced.get();
                if (number == count) {
                    return null;
                }
                produced.set(number + 1);
                return new Item(number);
            }

            @Override
            public void ack(Item item) {
                answer(item);
            }

            @Override
            public void nack(Item item, Throwable reason) throws Exception {
                answer(item);
                if (item.number() % 16 == 0) {
                    tally.fault("nack threw");
                    throw new Exception("planned");
                }
            }
        });
    }

    /** Each item once: of one that is told twice, and one that is not told, the sum would be right. */
    private void answer(Item item) {
        try {
            answered.see(item.number());
        } catch (AssertionError e) {
            wrong.compareAndSet(null, e);
        }
    }

    // ---- stages ------------------------------------------------------------------------------------

    private PipelineBuilder<Item> stage(String stage, PipelineBuilder<Item> builder, boolean mayFail) {
        int failing = calmWork ? (oneIn(2) ? 0 : 20_000) : oneIn(3) ? 0 : 1 + random.nextInt(50);
        int order = random.nextInt(3);
        int workers = 1 + random.nextInt(calmWork ? 2 : 4);
        boolean resizable = oneIn(3);
        int retries = calmWork && oneIn(2) ? 0 : random.nextInt(3);
        boolean pooled = oneIn(4);
        boolean limited = !calmWork && oneIn(4);
        boolean slow = !calmWork && oneIn(8);
        int capacity = 1 + random.nextInt(calmWork ? 2048 : 32);
        int backoff = random.nextInt(3) * 100;
        OnError onError = onError(random.nextInt(mayFail ? 5 : 3));
        AtomicInteger atWork = new AtomicInteger();
        int most = resizable ? Math.max(workers, MOST_AFTER_RESIZE) : workers;
        boolean keepsOrder = order == 1 || order == 0 && workers == 1 && !resizable;
        ordered &= keepsOrder;
        keyed &= keepsOrder || order == 2;
        return builder.map(item -> item).stage(stage, item -> countedWork(item, failing, slow, atWork, most), s -> {
            s.workers(workers).capacity(capacity).window(workers + 2 + capacity).onError(onError);
            order(s, order, capacity);
            if (resizable) {
                s.resizable();
            }
            if (pooled) {
                s.pool(pool);
            }
            if (retries > 0) {
                s.retry(Retry.times(retries)
                        .backoff(Duration.ofNanos(1000L * backoff))
                        .jitter(0.5));
            }
            if (limited) {
                s.timeLimit(Duration.ofMillis(1 + capacity));
            }
        });
    }

    private static void order(StageOptions<Item> s, int order, int capacity) {
        if (order == 1) {
            s.ordered();
        } else if (order == 2) {
            s.orderedBy(item -> item.number() % KEYS).perKey(1 + capacity % 7);
        }
    }

    /** Never more than so many at once. */
    private Item countedWork(Item item, int failing, boolean slow, AtomicInteger atWork, int most) throws Exception {
        int now = atWork.incrementAndGet();
        if (now > most) {
            wrong.compareAndSet(null, new AssertionError(now + " at work in a stage of " + most));
        }
        try {
            return work(item, failing, slow);
        } finally {
            atWork.decrementAndGet();
        }
    }

    private Item work(Item item, int failing, boolean slow) throws Exception {
        if (failing > 0) {
            ThreadLocalRandom dice = ThreadLocalRandom.current();
            if (dice.nextInt(failing) == 0) {
                Mishap mishap = Mishap.any(new SplittableRandom(dice.nextLong()));
                tally.fault(mishap.kind);
                mishap.happen();
            }
            if (slow && dice.nextInt(8) == 0) {
                tally.fault("slow function");
                LockSupport.parkNanos(200_000);
            }
        }
        return new Item(item.number());
    }

    private OnError onError(int kind) {
        return switch (kind) {
            case 0 -> OnError.skip();
            case 1 -> OnError.deadLetter(letter -> see((Item) letter.item(), 2, "dead letter"));
            case 2 ->
                OnError.deadLetter(letter -> {
                    if (((Item) letter.item()).number() % 4 == 0) {
                        tally.fault("dead-letter sink threw");
                        throw new Exception("planned");
                    }
                    see((Item) letter.item(), 2, "dead letter");
                });
            case 3 -> OnError.fail();
            default -> OnError.failNow();
        };
    }

    // ---- ends --------------------------------------------------------------------------------------

    private PipelineStats forEach(PipelineBuilder<Item> builder) throws InterruptedException {
        int sinks = calmWork ? 1 : 1 + random.nextInt(2);
        boolean pooled = oneIn(4);
        boolean checks = sinks == 1;
        int dies = !calmWork && oneIn(6) ? random.nextInt(count) : -1;
        PipelineRun<?> run = builder.forEach(
                        "sink",
                        item -> {
                            if (delivered.get() == dies) {
                                tally.fault("sink died");
                                throw new Exception("planned");
                            }
                            deliver(item, checks);
                        },
                        s -> {
                            s.workers(sinks);
                            if (pooled) {
                                s.pool(pool);
                            }
                        })
                .start();
        try (run) {
            disturb(run);
            end(run);
        }
        return run.stats();
    }

    private PipelineStats toQueue(PipelineBuilder<Item> builder) throws InterruptedException {
        BlockingQueue<Item> queue =
                calmWork ? new RingBlockingQueue<>(1024) : new ArrayBlockingQueue<>(1 + random.nextInt(64));
        boolean slow = !calmWork && oneIn(3);
        start("taker", false, () -> {
            while (!over || !queue.isEmpty()) {
                Item item = queue.poll(1, TimeUnit.MILLISECONDS);
                if (item != null && !item.equals(END)) {
                    deliver(item, true);
                    if (slow && item.number() % 64 == 0) {
                        tally.fault("slow consumer");
                        LockSupport.parkNanos(100_000);
                    }
                }
            }
        });
        PipelineRun<?> run = builder.toQueue(queue, END).start();
        try (run) {
            disturb(run);
            end(run);
        }
        return run.stats();
    }

    private PipelineStats iterate(PipelineBuilder<Item> builder) throws InterruptedException {
        PipelineRun<ItemIterator<Item>> run = builder.iterator().start();
        int leaves = oneIn(3) ? random.nextInt(count) : Integer.MAX_VALUE;
        disturb(run);
        try (run;
                ItemIterator<Item> items = run.await()) {
            int read = 0;
            while (read < leaves && items.hasNext()) {
                deliver(items.next(), true);
                read++;
            }
            if (read == leaves) {
                tally.fault("reader walked away");
            }
        } catch (PipelineException | CancellationException e) {
            // One of the ends that were planned.
            return run.stats();
        }
        return run.stats();
    }

    private void deliver(Item item, boolean oneThread) {
        see(item, 4, "delivered");
        delivered.incrementAndGet();
        if (oneThread && keyed) {
            int key = ordered ? 0 : item.number() % KEYS;
            int before = lastOfKey[key];
            lastOfKey[key] = item.number();
            if (item.number() <= before) {
                wrong.compareAndSet(null, new AssertionError("out of order: " + item + " after " + before));
            }
        }
    }

    private void disturb(PipelineRun<?> run) {
        SplittableRandom own = random.split();
        int many = stages;
        if (many > 0 && oneIn(3)) {
            chaos(100 + random.nextInt(300), () -> {
                try {
                    run.stage("s" + own.nextInt(many)).resize(1 + own.nextInt(MOST_AFTER_RESIZE));
                    tally.fault("stage resized");
                } catch (IllegalStateException e) {
                    // That stage was not to be resized.
                    tally.add("resizes refused", 1);
                }
            });
        }
        int after = oneIn(3) ? random.nextInt(count) : -1;
        int how = random.nextInt(3);
        if (after >= 0) {
            start("stopper", false, () -> {
                while (delivered.get() < after && !run.result().isDone()) {
                    LockSupport.parkNanos(50_000);
                }
                if (how == 0) {
                    tally.fault("drain");
                    run.drain(Duration.ofNanos(own.nextInt(100_000_000)));
                } else {
                    tally.fault(how == 1 ? "cancel" : "close under way");
                    run.cancel();
                }
            });
        }
    }

    private void end(PipelineRun<?> run) throws InterruptedException {
        Thread waiting = Thread.currentThread();
        Thread interrupter = null;
        if (oneIn(8)) {
            long nanos = random.nextInt(5_000_000);
            interrupter = start("interrupter", false, () -> {
                LockSupport.parkNanos(nanos);
                waiting.interrupt();
            });
            tally.fault("interrupt of the one who waits for a run");
        }
        try {
            run.await();
        } catch (InterruptedException e) {
            run.cancel();
        } catch (PipelineException | CancellationException e) {
            tally.add("runs that failed or were cancelled", 1);
        }
        if (interrupter != null) {
            while (interrupter.isAlive()) {
                LockSupport.parkNanos(10_000);
            }
        }
        Thread.interrupted();
    }

    // ---- books -------------------------------------------------------------------------------------

    private void check(PipelineStats stats, boolean acknowledged) {
        Throwable failure = wrong.get();
        require(failure == null, () -> failure + "\n" + stats);
        long taken = stats.stages().get(0).in();
        long skipped = sum(stats, StageStats::skipped);
        once.requireAllBut(count - taken + skipped, stats);
        for (int i = 0; i < stats.stages().size(); i++) {
            StageStats s = stats.stages().get(i);
            long fates = s.completed() + s.filtered() + s.skipped() + s.deadLettered() + s.discarded();
            require(s.in() == fates && s.inFlight() == 0 && s.queued() == 0, () -> "of " + s.name() + "\n" + stats);
            if (i > 0) {
                StageStats before = stats.stages().get(i - 1);
                require(before.out() == s.in() + s.discardedInQueue(), () -> "before " + s.name() + "\n" + stats);
            }
        }
        long letters = sum(stats, StageStats::deadLettered);
        long told = sum(stats, s -> s.discarded() + s.discardedInQueue());
        require(told == discarded.get(), () -> told + " discarded, " + discarded + " told\n" + stats);
        long sum = delivered.get() + letters + told + skipped;
        require(sum == taken, () -> taken + " taken, " + sum + " accounted for\n" + stats);
        if (acknowledged) {
            answered.requireAllBut(count - produced.get(), stats);
        }
        pool.close();
        tally.add(Tally.ITEMS, taken);
        requireNoThreads(factory::living);
    }

    private static long sum(PipelineStats stats, ToLongFunction<StageStats> of) {
        return stats.stages().stream().mapToLong(of).sum();
    }
}
