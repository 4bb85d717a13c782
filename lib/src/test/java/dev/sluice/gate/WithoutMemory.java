package dev.sluice.gate;

import dev.sluice.testing.FullHeap;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Uses gates while all memory is taken but for a little; after that nothing may be held and nobody in line. Each act is
 * done with 0 bytes, 16 bytes and so on, up to what it needs, so that each thing that it allocates is once the one that
 * cannot be. Some acts must do with nothing.
 */
final class WithoutMemory {
    private static final Duration LONG = Duration.ofDays(1);
    private static final Executor DIRECT = Runnable::run;
    private static final OutOfMemoryError REFUSAL = new OutOfMemoryError("unable to create native thread");
    private static final CompletableFuture<String> CALLED = CompletableFuture.completedFuture("called");
    private static final int MOST = 1 << 12;
    private static final int ROOM = 300_000;

    private static int failures;

    private WithoutMemory() {}

    /** What is prepared, done, and looked at. */
    private interface Case {
        void act() throws Exception;

        /** With memory again. */
        void check() throws Exception;
    }

    public static void main(String[] arguments) throws Exception {
        Map<String, Supplier<Case>> frugal = frugal();
        Map<String, Supplier<Case>> hungry = hungry();
        for (Supplier<Case> each : frugal.values()) {
            rehearse(each);
        }
        for (Supplier<Case> each : hungry.values()) {
            rehearse(each);
        }
        FullHeap.takeAllBut(ROOM);
        frugal.forEach((name, each) -> run(name, each, 0, true));
        hungry.forEach((name, each) -> {
            boolean enough = false;
            for (int budget = 0; budget <= MOST && !enough; budget += 16) {
                enough = run(name, each, budget, false);
            }
            if (!enough) {
                fail(name + " never succeeded");
            }
        });
        System.out.println(failures == 0 ? "all passed" : failures + " FAILED");
        System.exit(0);
    }

    /** What must do without any memory. */
    private static Map<String, Supplier<Case>> frugal() {
        Map<String, Supplier<Case>> frugal = new LinkedHashMap<>();
        for (Fairness fairness : new Fairness[] {Fairness.bounded(LONG), Fairness.strict()}) {
            frugal.put("release to a thread, " + fairness, () -> new Release(gate(fairness), gate -> gate.acquire()));
            frugal.put(
                    "release to a timed thread, " + fairness,
                    () -> new Release(
                            gate(fairness), gate -> gate.tryAcquire(1, LONG).orElseThrow()));
        }
        frugal.put("release to a watched thread", () -> new Release(watched(), gate -> gate.acquire()));
        frugal.put("release to a future", () -> new ReleaseToFuture(gate(Fairness.strict()), DIRECT, true));
        frugal.put("release to a watched future", () -> new ReleaseToFuture(watched(), DIRECT, true));
        frugal.put(
                "release to a future that cannot be told",
                () -> new ReleaseToFuture(
                        gate(Fairness.strict()),
                        task -> {
                            throw REFUSAL;
                        },
                        false));
        frugal.put("take back", TakeBack::new);
        frugal.put("release of a key", KeyedRelease::new);
        frugal.put("release of several", SeveralRelease::new);
        return frugal;
    }

    /** What may fail for want of it. */
    private static Map<String, Supplier<Case>> hungry() {
        Map<String, Supplier<Case>> hungry = new LinkedHashMap<>();
        for (boolean watch : new boolean[] {false, true}) {
            String of = watch ? " of a watched gate" : "";
            Supplier<Gate> gate = () -> watch ? watched() : gate(Fairness.bounded(LONG));
            hungry.put(
                    "acquire" + of, () -> new Acts(gate.get(), g -> g.acquire().close()));
            hungry.put(
                    "tryAcquire" + of,
                    () -> new Acts(gate.get(), g -> g.tryAcquire().orElseThrow().close()));
            hungry.put(
                    "acquireAsync" + of,
                    () -> new Acts(
                            gate.get(), g -> g.acquireAsync(1, DIRECT).join().close()));
        }
        hungry.put(
                "timed tryAcquire",
                () -> new Acts(
                        gate(Fairness.strict()),
                        g -> g.tryAcquire(1, LONG).orElseThrow().close()));
        hungry.put(
                "tryAcquireAll",
                () -> new Acts(
                        gate(Fairness.strict()),
                        g -> Gate.tryAcquireAll(Map.of(g, 1), LONG)
                                .orElseThrow()
                                .close()));
        hungry.put("acquireAsync in line", () -> new LinesUp(g -> g.acquireAsync(1, DIRECT)));
        hungry.put("callAsync in line", () -> new LinesUp(g -> g.callAsync(() -> CALLED)));
        hungry.put("callAsync", CallAsync::new);
        hungry.put("resize", Resize::new);
        hungry.put("cancel", Cancel::new);
        hungry.put("close", Close::new);
        for (int way = 0; way < 3; way++) {
            int by = way;
            hungry.put("acquire of a key, way " + way, () -> new Keyed(by));
        }
        return hungry;
    }

    private static Gate gate(Fairness fairness) {
        return GateTest.with(1, fairness);
    }

    private static Gate watched() {
        return Gate.builder().permits(1).leakWatch(1).build();
    }

    /** So that what is loaded and linked once is. */
    private static void rehearse(Supplier<Case> preparation) throws Exception {
        for (int i = 0; i < 2; i++) {
            Case each = preparation.get();
            each.act();
            each.check();
        }
    }

    /** Whether there was enough memory. */
    private static boolean run(String name, Supplier<Case> preparation, int budget, boolean mustDo) {
        Case each = preparation.get();
        Throwable failure = null;
        FullHeap.fill(budget);
        try {
            each.act();
        } catch (Throwable thrown) {
            failure = thrown;
        } finally {
            FullHeap.free();
        }
        boolean enough = failure == null;
        try {
            if (failure != null && (mustDo || !(failure instanceof OutOfMemoryError))) {
                throw failure;
            }
            each.check();
        } catch (Throwable thrown) {
            fail(name + " with " + budget + " bytes: " + thrown);
            thrown.printStackTrace(System.out);
        }
        return enough;
    }

    private static void fail(String what) {
        failures++;
        System.out.println("FAILED " + what);
    }

    private static void require(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError(what);
        }
    }

    private static void requireAtRest(Gate gate) {
        require(gate.available() == gate.permits(), "a permit is lost: " + gate);
        require(gate.stats().waiting() == 0, "somebody waits: " + gate);
        require(gate.holders().isEmpty(), "somebody holds: " + gate.holders());
    }

    /** A future may have failed for want of it. Allocates nothing. */
    private static void requireMemory(CompletableFuture<?> future) {
        if (future.isCompletedExceptionally()) {
            throw REFUSAL;
        }
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        long begun = System.nanoTime();
        while (!condition.call()) {
            require(System.nanoTime() - begun < TimeUnit.SECONDS.toNanos(10), "waits in vain");
            Thread.yield();
        }
    }

    private interface Taking {
        Permit from(Gate gate) throws Exception;
    }

    /** A thread that takes a permit; parked before it is made use of. */
    private static final class Visitor extends Thread {
        private final Callable<Permit> taking;
        private volatile boolean ended;
        private Permit permit;
        private Throwable failure;

        Visitor(Callable<Permit> taking) {
            super("visitor");
            this.taking = taking;
            setDaemon(true);
            start();
        }

        void awaitParked() {
            try {
                await(() -> getState() == State.WAITING || getState() == State.TIMED_WAITING);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void run() {
            try {
                permit = taking.call();
            } catch (Throwable thrown) {
                failure = thrown;
            } finally {
                ended = true;
            }
        }

        /** Allocates nothing. */
        void awaitEnd() {
            long begun = System.nanoTime();
            while (!ended && System.nanoTime() - begun < 10_000_000_000L) {
                Thread.yield();
            }
        }

        void requireGranted() {
            require(ended, "the visitor waits in vain");
            require(failure == null, "the visitor failed: " + failure);
            permit.close();
        }
    }

    private static Permit take(Gate gate) {
        return gate.tryAcquire().orElseThrow();
    }

    private static final class Release implements Case {
        private final Gate gate;
        private final Permit held;
        private final Visitor visitor;

        Release(Gate gate, Taking taking) {
            this.gate = gate;
            held = take(gate);
            visitor = new Visitor(() -> taking.from(gate));
            visitor.awaitParked();
        }

        @Override
        public void act() {
            held.close();
            visitor.awaitEnd();
        }

        @Override
        public void check() {
            visitor.requireGranted();
            requireAtRest(gate);
        }
    }

    private static final class ReleaseToFuture implements Case {
        private final Gate gate;
        private final boolean granted;
        private final Permit held;
        private final CompletableFuture<Permit> future;

        ReleaseToFuture(Gate gate, Executor executor, boolean granted) {
            this.gate = gate;
            this.granted = granted;
            held = take(gate);
            future = gate.acquireAsync(1, executor);
        }

        @Override
        public void act() {
            held.close();
        }

        /** One whose executor does not do it is failed, or if that takes more memory than there is, granted. */
        @Override
        public void check() {
            require(future.isDone(), "not told");
            require(!granted || !future.isCompletedExceptionally(), "not granted");
            future.handle((permit, refusal) -> {
                if (permit != null) {
                    permit.close();
                }
                return null;
            });
            requireAtRest(gate);
        }
    }

    private static final class Resize implements Case {
        private final Gate gate = gate(Fairness.bounded(LONG));
        private final Permit held = take(gate);
        private final Visitor visitor = new Visitor(gate::acquire);

        Resize() {
            visitor.awaitParked();
        }

        @Override
        public void act() {
            gate.resize(2);
            visitor.awaitEnd();
        }

        @Override
        public void check() {
            gate.resize(2);
            visitor.awaitEnd();
            visitor.requireGranted();
            held.close();
            requireAtRest(gate);
        }
    }

    private static final class TakeBack implements Case {
        private final Gate gate = gate(Fairness.strict());
        private final Permit lent = take(gate);
        private volatile boolean comesBack;
        private final Visitor lender = new Visitor(() -> lent.lend(() -> {
            while (!comesBack) {
                Thread.yield();
            }
            return lent;
        }));
        private final Permit guest;

        TakeBack() {
            try {
                guest = gate.acquire();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void act() {
            comesBack = true;
            while (lender.getState() == Thread.State.RUNNABLE) {
                Thread.yield();
            }
            guest.close();
            lender.awaitEnd();
        }

        @Override
        public void check() {
            lender.requireGranted();
            requireAtRest(gate);
        }
    }

    private static final class KeyedRelease implements Case {
        private final KeyedGate gate = KeyedGate.of(1, 1);
        private final Permit held = acquire(gate);
        private final Visitor visitor = new Visitor(() -> gate.acquire("key"));

        KeyedRelease() {
            visitor.awaitParked();
        }

        private static Permit acquire(KeyedGate gate) {
            try {
                return gate.acquire("key");
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void act() {
            held.close();
            visitor.awaitEnd();
        }

        @Override
        public void check() {
            visitor.requireGranted();
            require(gate.keys() == 0, "the key is kept");
            requireAtRest(gate.total());
        }
    }

    private static final class SeveralRelease implements Case {
        private final Gate first = gate(Fairness.strict());
        private final Gate second = gate(Fairness.strict());
        private final Permit held = take(second);
        private final Visitor visitor = new Visitor(
                () -> Gate.tryAcquireAll(Map.of(first, 1, second, 1), LONG).orElseThrow());

        SeveralRelease() {
            visitor.awaitParked();
        }

        @Override
        public void act() {
            held.close();
            visitor.awaitEnd();
        }

        @Override
        public void check() {
            visitor.requireGranted();
            requireAtRest(first);
            requireAtRest(second);
        }
    }

    private interface Act {
        void at(Gate gate) throws Exception;
    }

    private static final class Acts implements Case {
        private final Gate gate;
        private final Act act;

        Acts(Gate gate, Act act) {
            this.gate = gate;
            this.act = act;
        }

        @Override
        public void act() throws Exception {
            act.at(gate);
        }

        @Override
        public void check() {
            requireAtRest(gate);
        }
    }

    /** Ends with a place in the line, or without. */
    private static final class LinesUp implements Case {
        private final Gate gate = Gate.builder().permits(1).executor(DIRECT).build();
        private final Permit held = take(gate);
        private final Function<Gate, CompletableFuture<?>> act;
        private CompletableFuture<?> future;

        LinesUp(Function<Gate, CompletableFuture<?>> act) {
            this.act = act;
        }

        @Override
        public void act() {
            future = act.apply(gate);
        }

        @Override
        public void check() {
            require((gate.stats().waiting() == 1) == (future != null), "in line: " + gate);
            held.close();
            if (future != null) {
                require(future.isDone(), "not told");
                if (future.join() instanceof Permit permit) {
                    permit.close();
                }
            }
            requireAtRest(gate);
        }
    }

    private static final class CallAsync implements Case {
        private final Gate gate = Gate.builder().permits(1).executor(DIRECT).build();

        @Override
        public void act() {
            requireMemory(gate.callAsync(() -> CALLED));
        }

        @Override
        public void check() {
            requireAtRest(gate);
        }
    }

    private static final class Cancel implements Case {
        private final Gate gate = gate(Fairness.strict());
        private final Permit held = take(gate);
        private final CompletableFuture<Permit> future = gate.acquireAsync(1, DIRECT);

        @Override
        public void act() {
            future.cancel(false);
        }

        @Override
        public void check() {
            require(gate.stats().waiting() == 0, "still in line");
            held.close();
            requireAtRest(gate);
        }
    }

    private static final class Close implements Case {
        private final Gate gate = gate(Fairness.strict());
        private final Permit held = take(gate);
        private final CompletableFuture<Permit> future = gate.acquireAsync(1, DIRECT);
        private final Visitor visitor = new Visitor(gate::acquire);
        private final CompletableFuture<Permit> last = gate.acquireAsync(1, DIRECT);

        Close() {
            visitor.awaitParked();
        }

        @Override
        public void act() {
            gate.close();
            visitor.awaitEnd();
        }

        @Override
        public void check() {
            gate.close(); // it may have had no memory to begin with
            visitor.awaitEnd();
            require(visitor.ended, "the visitor waits in vain");
            held.close();
            require(future.isCompletedExceptionally() && last.isCompletedExceptionally(), "not told");
            requireAtRest(gate);
        }
    }

    private static final class Keyed implements Case {
        private final KeyedGate gate = KeyedGate.of(1, 1);
        private final int way;
        private CompletableFuture<Permit> future;

        Keyed(int way) {
            this.way = way;
        }

        @Override
        public void act() throws Exception {
            switch (way) {
                case 0 -> gate.acquire("key").close();
                case 1 -> gate.tryAcquire("key", LONG).orElseThrow().close();
                default -> {
                    future = gate.acquireAsync("key");
                    requireMemory(future);
                }
            }
        }

        @Override
        public void check() throws Exception {
            await(() -> {
                if (future != null && future.isDone() && !future.isCompletedExceptionally()) {
                    future.join().close();
                }
                // The key may be left before the total's permit comes, which goes back in a thread of the executor.
                return gate.keys() == 0 && gate.total().available() == 1;
            });
            requireAtRest(gate.total());
        }
    }
}
