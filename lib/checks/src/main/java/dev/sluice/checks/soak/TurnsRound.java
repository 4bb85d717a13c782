package dev.sluice.checks.soak;

import dev.sluice.queue.RingBlockingQueue;
import java.util.SplittableRandom;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * As many who take as who put at a queue, one element each, and then again. Nobody comes to the help of one who is left asleep;
 * so a call that is lost, by one who is interrupted or whose time is up, too, stops the round.
 */
final class TurnsRound extends Round {
    private final int pairs = 2 + random.nextInt(3);
    private final int turns = 1 + random.nextInt(5_000);
    private final RingBlockingQueue<Integer> queue = new RingBlockingQueue<>(1 + random.nextInt(4));
    private final Phaser turn = new Phaser(2 * pairs);
    private final Once once;
    /** One in so many has not the patience to wait for ever. */
    private final int hurried = 2 + random.nextInt(6);

    TurnsRound(long number, SplittableRandom random, Tally tally) {
        super("queue", number, random, tally);
        once = new Once(pairs * turns, tally);
    }

    /** A call at the queue; false when its time was up. */
    private interface Call {
        boolean made() throws InterruptedException;
    }

    @Override
    void run() throws Exception {
        for (int i = 0; i < pairs; i++) {
            int first = i * turns;
            SplittableRandom own = random.split();
            Interrupts putter = new Interrupts(tally);
            start("putter", putter, () -> {
                for (int n = first; n < first + turns; n++) {
                    Integer element = n;
                    once(putter, own, () -> put(element, own));
                }
            });
            SplittableRandom other = random.split();
            Interrupts taker = new Interrupts(tally);
            start("taker", taker, () -> {
                for (int n = 0; n < turns; n++) {
                    once(taker, other, () -> take(other));
                }
            });
        }
        if (oneIn(2)) {
            chaos(1 + random.nextInt(50), interrupts());
        }
        joinMembers();
        once.requireAllBut(0, queue);
        require(queue.isEmpty(), () -> "something is left: " + queue);
        tally.add(Tally.ELEMENTS, once.size());
        joinAll();
        requireNoThreads();
    }

    /** Chaos goes on until they have ended. */
    private void joinMembers() throws InterruptedException {
        while (!turn.isTerminated()) {
            int phase = turn.getPhase();
            if (phase >= 0 && phase < turns) {
                awaitTurn(phase);
            } else {
                turn.forceTermination();
            }
            throwFailure();
        }
    }

    /** For a while only, for a member that has failed holds up the others. */
    private void awaitTurn(int phase) throws InterruptedException {
        try {
            turn.awaitAdvanceInterruptibly(phase, 1, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            // The next look is due.
        }
    }

    /** One call, however often it is interrupted, and then the turn's end. */
    private void once(Interrupts interrupts, SplittableRandom own, Call call) {
        for (int i = own.nextInt(200); i > 0; i--) {
            Thread.onSpinWait();
        }
        boolean made = false;
        while (!made) {
            boolean thrown = false;
            try {
                made = call.made();
            } catch (InterruptedException e) {
                thrown = true;
                tally.fault("interrupt that ended a wait");
            }
            interrupts.check(thrown);
        }
        turn.arriveAndAwaitAdvance();
    }

    private boolean put(Integer element, SplittableRandom own) throws InterruptedException {
        if (own.nextInt(hurried) == 0) {
            return queue.offer(element, own.nextInt(20_000), TimeUnit.NANOSECONDS);
        }
        queue.put(element);
        return true;
    }

    private boolean take(SplittableRandom own) throws InterruptedException {
        Integer element =
                own.nextInt(hurried) == 0 ? queue.poll(own.nextInt(20_000), TimeUnit.NANOSECONDS) : queue.take();
        if (element != null) {
            once.see(element);
        }
        return element != null;
    }
}
