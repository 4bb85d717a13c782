package dev.sluice.pipeline;

import org.jspecify.annotations.Nullable;

/** One item from a link at a time. */
final class LinkIntake implements Intake {
    private final Link link;

    LinkIntake(Link link) {
        this.link = link;
    }

    Link link() {
        return link;
    }

    @Override
    public @Nullable Object poll(Meter meter) {
        return link.poll(meter);
    }

    @Override
    public boolean await(Meter meter) {
        return link.await(meter, Link.NEVER);
    }

    @Override
    public long taken() {
        return link.taken();
    }

    @Override
    public boolean hasEnded() {
        return link.hasEnded();
    }

    @Override
    public void close() {
        link.takersLeave();
    }
}
