package dev.sluice.checks.soak;

import dev.sluice.internal.Threads;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One round: what it does is drawn from its random numbers; how its threads meet is left to the machine. */
abstract class Round {
    private static final int JAVA = Runtime.version().feature();
    private static final long PATIENCE_NANOS = 20_000_000_000L;

    final SplittableRandom random;
    final Tally tally;
    /** Begins the names of all threads of the round. */
    final String name;

    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    /** Those whose waits may be interrupted at any time. */
    private final List<Runnable> victims = new CopyOnWriteArrayList<>();

    private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    /** How many planned failures of tasks nobody has caught. */
    final AtomicLong uncaught = new AtomicLong();
    /** How many tasks were told that their thread could not be made, as planned. */
    final AtomicLong withoutThread = new AtomicLong();
    /** How many tasks were told that there was not enough memory for their thread. */
    final AtomicLong withoutMemory = new AtomicLong();

    private volatile boolean calm;

    /** What a thread does. */
    interface Work {
        void run() throws Exception;
    }

    Round(String kind, long number, SplittableRandom random, Tally tally) {
        this.name = "soak-" + kind + "-" + number + "-";
        this.random = random;
        this.tally = tally;
    }

    /** Does it all; returns when all that was started has ended. */
    abstract void run() throws Exception;

    static boolean hasVirtual() {
        return JAVA >= 21;
    }

    boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }

    /** In a platform thread, or in a virtual one where there are any. */
    Thread start(String role, boolean victim, Work work) {
        return start(role, work, thread -> {
            if (victim) {
                victims.add(() -> {
                    thread.interrupt();
                    tally.fault("interrupt of a caller");
                });
            }
        });
    }

    /** A thread that looks after each of its calls that no interrupt was lost. */
    Thread start(String role, Interrupts interrupts, Work work) {
        return start(role, work, thread -> victims.add(() -> interrupts.send(thread)));
    }

    /** For one that yields until others have ended: as a virtual thread it would keep the only carrier there is to itself. */
    Thread startPlatform(String role, Work work) {
        return start(Threads.platform(name + role, true), work, thread -> {});
    }

    private Thread start(String role, Work work, Consumer<Thread> before) {
        ThreadFactory factory =
                hasVirtual() && oneIn(3) ? Threads.virtual(name + role) : Threads.platform(name + role, true);
        return start(factory, work, before);
    }

    private Thread start(ThreadFactory factory, Work work, Consumer<Thread> before) {
        Thread thread = factory.newThread(() -> {
            try {
                work.run();
            } catch (Throwable t) { // it fails the round
                failures.add(t);
            }
        });
        threads.add(thread);
        before.accept(thread);
        thread.start();
        return thread;
    }

    /** A thread that makes something go wrong every now and then until {@link #calm}. */
    void chaos(int micros, Runnable... faults) {
        SplittableRandom own = random.split();
        start("chaos", false, () -> {
            while (!calm) {
                LockSupport.parkNanos(1000L * (1 + own.nextInt(2 * micros)));
                if (!calm) {
                    faults[own.nextInt(faults.length)].run();
                }
            }
        });
    }

    /** Interrupts one of the threads that can stand it. */
    Runnable interrupts() {
        SplittableRandom own = random.split();
        return () -> {
            if (!victims.isEmpty()) {
                victims.get(own.nextInt(victims.size())).run();
            }
        };
    }

    /** Nothing is made to go wrong from now on. */
    void calm() {
        calm = true;
    }

    void join(List<Thread> some) throws InterruptedException {
        for (Thread thread : some) {
            thread.join();
        }
        throwFailure();
    }

    /** Waits for all threads that were started, and throws what one of them has thrown. */
    void joinAll() throws InterruptedException {
        calm();
        join(threads);
    }

    void throwFailure() {
        Throwable failure = failures.peek();
        if (failure != null) {
            throw new AssertionError("a thread of the round failed: " + failure, failure);
        }
    }

    void failed(Throwable failure) {
        failures.add(failure);
    }

    /**
     * What a task throws that nobody has the handle of, whoever runs it, and what has ended a thread. What was not planned is a
     * finding, but for errors of the virtual machine: stacks that overflow are planned, and in a filled heap the library's own code
     * may suffer from want of memory.
     */
    final void uncaught(Throwable failure) {
        if (isPlanned(failure)) {
            uncaught.incrementAndGet();
        } else if (failure instanceof VirtualMachineError) {
            tally.add(Tally.MACHINE_ERRORS, 1);
        } else if (!gotNoThread(failure)) {
            failed(failure);
        }
    }

    /** Whether a task was told that there is no thread for it; it is counted, by the reason. */
    private boolean gotNoThread(Throwable failure) {
        Throwable why = failure instanceof RejectedExecutionException ? failure.getCause() : null;
        boolean planned = isPlanned(why) || why instanceof NullPointerException;
        if (planned) {
            withoutThread.incrementAndGet();
            tally.add("tasks that got no thread", 1);
        } else if (why instanceof VirtualMachineError) {
            withoutMemory.incrementAndGet();
            tally.add(Tally.MACHINE_ERRORS, 1);
        }
        return planned || why instanceof VirtualMachineError;
    }

    private static boolean isPlanned(@Nullable Throwable failure) {
        return failure != null && "planned".equals(failure.getMessage());
    }

    static void require(boolean condition, Supplier<String> otherwise) {
        if (!condition) {
            throw new AssertionError(otherwise.get());
        }
    }

    /** After all is closed: none of the platform threads that bear the round's name, or the library's, is left. */
    void requireNoThreads() {
        requireNoThreads(() -> 0);
    }

    /** @param others so many more live, which cannot be listed */
    void requireNoThreads(IntSupplier others) {
        long since = System.nanoTime();
        while (left().size() + others.getAsInt() > 0) {
            if (System.nanoTime() - since > PATIENCE_NANOS) {
                tally.add(Tally.THREADS_LEAKED, Math.max(left().size(), others.getAsInt()));
                throw new AssertionError("threads are left: " + left() + ", and " + others.getAsInt());
            }
            // A thread that has done all it had to is listed for some moments.
            LockSupport.parkNanos(100_000);
        }
    }

    /** Those of all groups, for a thread that a virtual one has started is in another; and the library's own for a moment. */
    private List<String> left() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(thread ->
                        thread.startsWith(name) || (thread.startsWith("sluice-") && !thread.startsWith("sluice-clock")))
                .toList();
    }
}
