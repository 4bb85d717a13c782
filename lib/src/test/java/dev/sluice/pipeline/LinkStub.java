package dev.sluice.pipeline;

import org.jspecify.annotations.Nullable;

/** A link that holds nothing, takes nothing and gives nothing, for tests that are about one thing that a link does. */
abstract class LinkStub extends Link {
    /** For a link that does not break and discards nothing. */
    static final Link.Owner NOTHING_HAPPENS = new Link.Owner() {
        @Override
        public void broken(Throwable cause) {
            throw new AssertionError(cause);
        }

        @Override
        public void discarded(Object item, @Nullable Throwable reason) {
            throw new AssertionError(item);
        }
    };

    LinkStub() {
        super("next", NOTHING_HAPPENS);
    }

    @Override
    public boolean put(Object item, Meter meter) {
        return false;
    }

    @Override
    @Nullable
    Object poll(Meter meter) {
        return null;
    }

    @Override
    boolean await(Meter meter, long deadline) {
        return false;
    }

    @Override
    boolean watchItems(Runnable call) {
        return false;
    }

    @Override
    boolean awaitItem(Meter meter) {
        return false;
    }

    @Override
    void takersLeave() {}

    @Override
    void puttersLeave() {}

    @Override
    void wakePutters() {}

    @Override
    void wakeTakers() {}

    @Override
    void discardAtOnce() {}

    @Override
    int capacity() {
        return 1;
    }

    @Override
    long taken() {
        return 0;
    }

    @Override
    int waiting() {
        return 0;
    }
}
