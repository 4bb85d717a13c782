package dev.sluice.testing;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test that leaves a platform thread behind, or its own thread interrupted. A thread that is on its way out has
 * 30 s to end. Virtual threads are not listed by the JDK and so not seen.
 *
 * <p>Use: {@code @ExtendWith(NoThreadLeaks.class)} on the test class.
 */
public final class NoThreadLeaks implements BeforeEachCallback, AfterEachCallback {
    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(NoThreadLeaks.class);
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** Groups in which only the JDK itself starts threads. */
    private static final Set<String> JDK_GROUPS = Set.of("system", "InnocuousThreadGroup", "CarrierThreads");

    /** Threads that the JDK, JUnit or the library starts at first use, and keeps for a while. */
    private static final List<String> KEPT_NAMES = List.of(
            "ForkJoinPool.commonPool-",
            "CompletableFutureDelayScheduler",
            "JFR ",
            "sluice-clock",
            "VirtualThread-",
            "JFR ",
            "junit-",
            "surefire-",
            "process reaper");

    @Override
    public void beforeEach(ExtensionContext context) {
        context.getStore(NAMESPACE).put(Set.class, Thread.getAllStackTraces().keySet());
    }

    @Override
    public void afterEach(ExtensionContext context) throws InterruptedException {
        boolean interrupted = Thread.interrupted();
        Set<?> before = context.getStore(NAMESPACE).remove(Set.class, Set.class);
        Set<Thread> leaked = awaitEnd(before, LIMIT);
        if (!leaked.isEmpty()) {
            throw new AssertionError("the test left threads behind:" + describe(leaked));
        }
        if (interrupted) {
            throw new AssertionError("the test left its thread interrupted");
        }
    }

    /** The threads that were started since {@code before} and are alive when {@code limit} has passed. */
    static Set<Thread> awaitEnd(Set<?> before, Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        Set<Thread> leaked = startedSince(before);
        while (!leaked.isEmpty() && deadline - System.nanoTime() > 0) {
            long millis = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
            leaked.iterator().next().join(Math.max(1, millis));
            leaked = startedSince(before);
        }
        return leaked;
    }

    private static Set<Thread> startedSince(Set<?> before) {
        Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
        threads.removeIf(thread -> before.contains(thread) || belongsToTheJdkOrJunit(thread));
        return threads;
    }

    private static boolean belongsToTheJdkOrJunit(Thread thread) {
        ThreadGroup group = thread.getThreadGroup();
        // A thread that has ended has no group.
        return group == null
                || JDK_GROUPS.contains(group.getName())
                || KEPT_NAMES.stream().anyMatch(thread.getName()::startsWith);
    }

    private static String describe(Set<Thread> threads) {
        return threads.stream()
                .map(thread -> "\n" + thread + " " + thread.getState()
                        + Arrays.stream(thread.getStackTrace())
                                .map(frame -> "\n    at " + frame)
                                .collect(Collectors.joining()))
                .collect(Collectors.joining());
    }
}
