package dev.sluice.gate;

/** One that is called and does not come: it does not hear it, or gets no processor. */
final class Deaf extends Waiter {
    Deaf(int weight) {
        super(weight);
    }

    @Override
    boolean canTake() {
        return true;
    }

    @Override
    boolean tell() {
        return true;
    }
}
