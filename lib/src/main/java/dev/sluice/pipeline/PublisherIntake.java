package dev.sluice.pipeline;

import java.util.concurrent.Flow;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The intake of a source that is a publisher: its subscriber puts what comes into a link, and the source's worker takes
 * it from there.
 *
 * <p>{@code lock} guards the subscriber's state. Under it an item is put, which finds room, because no more is asked for
 * than there is; {@code closed} is set under it, so nothing is put after that and what was put before is discarded with
 * the link. The publisher is called without it.
 */
final class PublisherIntake implements Intake, Flow.Subscriber<Object> {
    private final Flow.Publisher<Object> publisher;
    private final Link link;
    private final int batch;
    private final Meter putting = new Meter();
    private final ReentrantLock lock = new ReentrantLock();
    private Flow.@Nullable Subscription subscription;
    private long wanted;
    private boolean closed;
    private volatile @Nullable Throwable failure;
    // By the worker alone.
    private boolean subscribed;
    private int taken;
    private long position;

    // A publisher gives its subscriber items of its type, or of a smaller one.
    @SuppressWarnings("unchecked")
    PublisherIntake(Flow.Publisher<?> publisher, Link link) {
        this.publisher = (Flow.Publisher<Object>) publisher;
        this.link = link;
        this.batch = Math.max(1, link.capacity() / 2);
    }

    @Override
    public Link ownLink() {
        return link;
    }

    @Override
    public @Nullable Object poll(Meter meter) throws Exception {
        if (!subscribed) {
            subscribed = true;
            publisher.subscribe(this);
        }
        Object item = link.poll(meter);
        if (item != null) {
            position = meter.position + 1;
            if (++taken == batch) {
                taken = 0;
                request(batch);
            }
        } else if (link.isOver()) {
            throwFailure();
        }
        return item;
    }

    /** After the items that came before it. */
    private void throwFailure() throws Exception {
        Throwable seen = failure;
        failure = null;
        if (seen instanceof Exception exception) {
            throw exception;
        }
        if (seen instanceof Error error) {
            throw error;
        }
        if (seen != null) {
            throw new IllegalStateException(seen);
        }
    }

    private void request(long items) {
        Flow.Subscription asked;
        lock.lock();
        try {
            wanted += items;
            asked = closed ? null : subscription;
        } finally {
            lock.unlock();
        }
        if (asked != null) {
            asked.request(items);
        }
    }

    @Override
    public boolean await(Meter meter) {
        return link.await(meter, Link.NEVER) || failure != null;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        if (given == null) {
            throw new NullPointerException("subscription must not be null");
        }
        boolean accepted;
        lock.lock();
        try {
            accepted = subscription == null && !closed;
            if (accepted) {
                subscription = given;
            }
        } finally {
            lock.unlock();
        }
        if (accepted) {
            request(link.capacity());
        } else {
            given.cancel();
        }
    }

    @Override
    public void onNext(Object item) {
        if (item == null) {
            throw new NullPointerException("item must not be null");
        }
        Flow.Subscription refused = null;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            if (wanted > 0) {
                wanted--;
                link.put(item, putting);
                return;
            }
            refused = subscription;
            end(new IllegalStateException("the publisher gave more items than it was asked for"));
        } finally {
            lock.unlock();
        }
        if (refused != null) {
            refused.cancel();
        }
    }

    @Override
    public void onError(Throwable thrown) {
        if (thrown == null) {
            throw new NullPointerException("thrown must not be null");
        }
        lock.lock();
        try {
            end(thrown);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onComplete() {
        lock.lock();
        try {
            end(null);
        } finally {
            lock.unlock();
        }
    }

    /** Asks for no more: what has come is all there is. By any thread. */
    void cut() {
        Flow.Subscription cancelled;
        lock.lock();
        try {
            cancelled = closed ? null : subscription;
            end(null);
        } finally {
            lock.unlock();
        }
        if (cancelled != null) {
            cancelled.cancel();
        }
    }

    private void end(@Nullable Throwable cause) {
        if (!closed) {
            closed = true;
            failure = cause;
            if (cause == null) {
                link.end();
            } else {
                link.fail();
            }
        }
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
    public long position() {
        return position;
    }

    @Override
    public void close() {
        Flow.Subscription cancelled;
        lock.lock();
        try {
            cancelled = closed ? null : subscription;
            if (!closed) {
                closed = true;
                link.fail();
            }
        } finally {
            lock.unlock();
        }
        link.takersLeave();
        if (cancelled != null) {
            cancelled.cancel();
        }
    }
}
