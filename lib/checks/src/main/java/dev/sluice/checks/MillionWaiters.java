package dev.sluice.checks;

import dev.sluice.checks.GateKind.Turnstile;
import dev.sluice.internal.Threads;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A great many virtual threads that wait at one gate: what each of them takes, and how long it takes to let all in. */
@Command(
        name = "million-waiters",
        mixinStandardHelpOptions = true,
        description = "Lines up virtual threads at one permit, and lets them in; needs JDK 21 or newer.")
final class MillionWaiters implements Callable<Integer> {
    @Option(names = "--waiters", defaultValue = "1000000", description = "default 10^6")
    private int waiters;

    @Option(names = "--kind", arity = "1..*", description = "which; default all, one after the other")
    private List<GateKind> kinds = List.of(GateKind.values());

    @Override
    public Integer call() throws InterruptedException {
        for (GateKind kind : kinds) {
            run(kind);
        }
        return 0;
    }

    private void run(GateKind kind) throws InterruptedException {
        Turnstile turnstile = kind.turnstile();
        ThreadFactory factory = Threads.virtual("waiter-");
        CountDownLatch done = new CountDownLatch(waiters);
        long before = used();
        turnstile.enter();
        long begun = System.nanoTime();
        for (int i = 0; i < waiters; i++) {
            factory.newThread(() -> visit(turnstile, done)).start();
        }
        while (turnstile.waiting() < waiters) {
            Thread.sleep(10);
        }
        long linedUp = System.nanoTime();
        long bytes = (used() - before) / waiters;
        long released = System.nanoTime();
        turnstile.leave();
        done.await();
        long end = System.nanoTime();
        System.out.printf(
                "%s: %d virtual threads lined up in %.1f s, %d bytes for each with its thread, let in in %.1f s%n",
                kind, waiters, (linedUp - begun) / 1e9, bytes, (end - released) / 1e9);
    }

    private static void visit(Turnstile turnstile, CountDownLatch done) {
        try {
            turnstile.enter();
            turnstile.leave();
            done.countDown();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static long used() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
