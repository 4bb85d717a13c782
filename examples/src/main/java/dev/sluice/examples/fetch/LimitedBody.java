package dev.sluice.examples.fetch;

import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import org.jspecify.annotations.Nullable;

/** A body that is read no further than a limit. Its methods are called one at a time, as those of any subscriber. */
final class LimitedBody<T> implements BodySubscriber<T> {
    private final BodySubscriber<T> body;
    private final long limit;
    private long bytes;
    private @Nullable Subscription subscription;
    private boolean tooLarge;

    LimitedBody(BodySubscriber<T> body, long limit) {
        this.body = body;
        this.limit = limit;
    }

    /** There is more than the limit. */
    static final class TooLargeException extends IOException {
        private static final long serialVersionUID = 1L;

        TooLargeException(long limit) {
            super("larger than " + limit + " bytes");
        }
    }

    @Override
    public CompletionStage<T> getBody() {
        return body.getBody();
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        this.subscription = subscription;
        body.onSubscribe(subscription);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        for (ByteBuffer buffer : buffers) {
            bytes += buffer.remaining();
        }
        if (bytes <= limit) {
            body.onNext(buffers);
        } else if (!tooLarge) {
            tooLarge = true;
            subscription.cancel();
            body.onError(new TooLargeException(limit));
        }
    }

    @Override
    public void onError(Throwable failure) {
        if (!tooLarge) {
            body.onError(failure);
        }
    }

    @Override
    public void onComplete() {
        if (!tooLarge) {
            body.onComplete();
        }
    }
}
