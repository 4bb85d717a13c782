package dev.sluice.checks;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Runs threads until all have ended, and gives up, with the stacks of all threads, when nothing has moved for a minute. Says
 * once a minute how far it is.
 */
final class Watch {
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final String name;
    private final List<Thread> threads = new ArrayList<>();
    private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();

    /** What a thread does. */
    interface Work {
        void run() throws Exception;
    }

    Watch(String name) {
        this.name = name;
    }

    void start(String role, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (Throwable t) {
                        failures.add(t);
                    }
                },
                name + " " + role);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    /** @param progress a number that changes as long as something moves */
    void awaitAll(LongSupplier progress) throws InterruptedException {
        long seen = progress.getAsLong();
        long since = System.nanoTime();
        long said = since;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                thread.join(100);
                long now = progress.getAsLong();
                if (now != seen || !failures.isEmpty()) {
                    seen = now;
                    since = System.nanoTime();
                }
                if (!failures.isEmpty() || System.nanoTime() - since > PATIENCE_NANOS) {
                    throw stuck(now);
                }
                if (System.nanoTime() - said > PATIENCE_NANOS) {
                    said = System.nanoTime();
                    System.out.println(name + ": " + now + " so far");
                }
            }
        }
        if (!failures.isEmpty()) {
            throw stuck(seen);
        }
    }

    private AssertionError stuck(long progress) {
        if (!failures.isEmpty()) {
            return new AssertionError(name + ": a thread failed", failures.peek());
        }
        for (Map.Entry<Thread, StackTraceElement[]> stack :
                Thread.getAllStackTraces().entrySet()) {
            System.err.println(stack.getKey());
            for (StackTraceElement frame : stack.getValue()) {
                System.err.println("    at " + frame);
            }
        }
        return new AssertionError(name + ": nothing has moved for a minute; progress " + progress);
    }
}
