package dev.sluice.checks.soak;

import dev.sluice.queue.RingBlockingQueue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Producers, consumers of which some die or are slow, and one who removes from the middle, all of whom are interrupted. */
final class QueueRound extends Round {
    /** Wakes a consumer that has nothing more to expect. */
    private static final Integer STOP = -1;

    private final RingBlockingQueue<Integer> queue;
    private final int producers = 1 + random.nextInt(3);
    private final int consumers = 1 + random.nextInt(3);
    private final boolean batches = random.nextBoolean();
    /** A target that refuses has its elements put back before those that others have taken meanwhile. */
    private final boolean refusing = oneIn(4);

    private final boolean slow = oneIn(6);
    private final int each;
    private final Once once;
    private volatile boolean over;

    QueueRound(long number, SplittableRandom random, Tally tally) {
        super("queue", number, random, tally);
        int capacity = oneIn(4) ? 1 + random.nextInt(4) : 1 << (3 + random.nextInt(8));
        queue = new RingBlockingQueue<>(capacity);
        int total = slow ? 1_500 : Math.min(200_000, 500 * capacity);
        each = total / producers;
        once = new Once(each * producers, tally);
    }

    @Override
    void run() throws Exception {
        List<Thread> producing = new ArrayList<>();
        List<Thread> consuming = new ArrayList<>();
        for (int i = 0; i < producers; i++) {
            int first = i * each;
            SplittableRandom own = random.split();
            producing.add(start("producer", true, () -> produce(first, own)));
        }
        for (int i = 0; i < consumers; i++) {
            int dies = i > 0 && oneIn(3) ? random.nextInt(each) : Integer.MAX_VALUE;
            SplittableRandom own = random.split();
            consuming.add(start("consumer", true, () -> consume(dies, own)));
        }
        if (oneIn(2)) {
            SplittableRandom own = random.split();
            consuming.add(start("remover", true, () -> removeSome(own)));
        }
        if (oneIn(2)) {
            chaos(100 + random.nextInt(300), interrupts());
        }
        join(producing);
        calm();
        over = true;
        for (Thread consumer : consuming) {
            while (consumer.isAlive()) {
                // One that is slow would not see the queue empty, were there always one more.
                if (queue.isEmpty()) {
                    queue.offer(STOP);
                }
                LockSupport.parkNanos(20_000);
            }
        }
        joinAll();
        // What a target refused comes back when the consumers may have gone.
        List<Integer> rest = new ArrayList<>();
        queue.drainTo(rest);
        rest.stream().filter(element -> !element.equals(STOP)).forEach(once::see);
        once.requireAllBut(0, queue);
        tally.add(Tally.ELEMENTS, once.size());
        requireNoThreads();
    }

    private void produce(int first, SplittableRandom own) {
        Integer[] batch = new Integer[32];
        int next = first;
        int end = first + each;
        while (next < end) {
            try {
                if (batches) {
                    int count = Math.min(1 + own.nextInt(batch.length), end - next);
                    for (int i = 0; i < count; i++) {
                        batch[i] = next + i;
                    }
                    next += queue.putAll(batch, 0, count);
                } else if ((next & 63) == 0) {
                    next += queue.offer(next, own.nextInt(50), TimeUnit.MICROSECONDS) ? 1 : 0;
                } else {
                    queue.put(next);
                    next++;
                }
            } catch (InterruptedException e) {
                tally.fault("interrupt that ended a wait");
            }
        }
    }

    private void consume(int dies, SplittableRandom own) {
        int[] last = lasts();
        Integer[] batch = new Integer[32];
        int taken = 0;
        boolean more = true;
        while (more && taken < dies) {
            try {
                int count = 1;
                if (batches) {
                    count = own.nextInt(16) == 0
                            ? queue.takeUpTo(batch, batch.length, Duration.ofNanos(own.nextInt(50_000)))
                            : queue.takeUpTo(batch, batch.length);
                } else {
                    batch[0] = queue.take();
                }
                for (int i = 0; i < count; i++) {
                    see(batch[i], last);
                }
                taken += count;
                more = !over || !queue.isEmpty();
                if (slow && own.nextInt(8) == 0) {
                    tally.fault("slow consumer");
                    LockSupport.parkNanos(20_000);
                }
            } catch (InterruptedException e) {
                tally.fault("interrupt that ended a wait");
            }
        }
        if (more) {
            tally.fault("consumer died");
        }
    }

    private int[] lasts() {
        int[] last = new int[producers];
        java.util.Arrays.fill(last, -1);
        return last;
    }

    private void see(Integer element, int[] last) {
        if (element.equals(STOP)) {
            return;
        }
        once.see(element);
        int producer = element / each;
        int before = last[producer];
        require(refusing || element > before, () -> "out of order: " + element + " after " + before);
        last[producer] = element;
    }

    private void removeSome(SplittableRandom own) {
        int[] last = lasts();
        while (!over) {
            switch (own.nextInt(4)) {
                case 0 -> {
                    Integer some = queue.peek();
                    if (some != null && queue.remove(some) && !some.equals(STOP)) {
                        once.see(some);
                    }
                }
                default -> drain(own, last);
            }
            LockSupport.parkNanos(50_000);
        }
    }

    private void drain(SplittableRandom own, int[] last) {
        int accepts = refusing ? own.nextInt(8) : Integer.MAX_VALUE;
        List<Integer> target = new ArrayList<>() {
            @Override
            public boolean add(Integer element) {
                if (size() >= accepts) {
                    throw new IllegalStateException("planned");
                }
                return super.add(element);
            }
        };
        try {
            queue.drainTo(target, 1 + own.nextInt(32));
        } catch (IllegalStateException e) {
            tally.fault("target of drainTo refused");
        }
        target.forEach(element -> see(element, last));
    }
}
