package dev.sluice.checks;

import dev.sluice.gate.Fairness;
import dev.sluice.gate.Gate;
import dev.sluice.gate.Permit;
import java.time.Duration;
import java.util.concurrent.Semaphore;

/** What hands out one permit: ours and what it is compared with. */
enum GateKind {
    BOUNDED,
    STRICT,
    UNFAIR_SEMAPHORE,
    FAIR_SEMAPHORE;

    /** One permit. */
    interface Turnstile {
        void enter() throws InterruptedException;

        void leave();

        boolean tryEnter();

        int waiting();
    }

    Turnstile turnstile() {
        return switch (this) {
            case BOUNDED -> new OfGate(Gate.of(1));
            case STRICT ->
                new OfGate(Gate.builder().permits(1).fairness(Fairness.strict()).build());
            case UNFAIR_SEMAPHORE -> new OfSemaphore(new Semaphore(1, false));
            case FAIR_SEMAPHORE -> new OfSemaphore(new Semaphore(1, true));
        };
    }

    static final Duration BOUND = Duration.ofMillis(1);

    /** Whoever is inside holds the permit for the others to see. */
    static final class OfGate implements Turnstile {
        final Gate gate;
        private Permit inside;

        OfGate(Gate gate) {
            this.gate = gate;
        }

        @Override
        public void enter() throws InterruptedException {
            inside = gate.acquire();
        }

        @Override
        public void leave() {
            inside.close();
        }

        @Override
        public boolean tryEnter() {
            return gate.tryAcquire().map(this::entered).orElse(false);
        }

        private boolean entered(Permit permit) {
            inside = permit;
            return true;
        }

        @Override
        public int waiting() {
            return gate.stats().waiting();
        }
    }

    private record OfSemaphore(Semaphore semaphore) implements Turnstile {
        @Override
        public void enter() throws InterruptedException {
            semaphore.acquire();
        }

        @Override
        public void leave() {
            semaphore.release();
        }

        /** The fair one, too, stands in line. */
        @Override
        public boolean tryEnter() {
            return !semaphore.isFair() && semaphore.tryAcquire();
        }

        @Override
        public int waiting() {
            return semaphore.getQueueLength();
        }
    }
}
