package dev.sluice.gate;

import java.util.concurrent.RejectedExecutionException;

/**
 * Thrown to those who would have to wait for a permit of a {@link Gate} that has as many waiters as it allows. It is
 * cheap, because an overloaded program throws many of them: it has no stack trace.
 */
public final class TooManyWaitersException extends RejectedExecutionException {
    private static final long serialVersionUID = 1L;

    TooManyWaitersException(String gate, int maxWaiters) {
        super("gate '" + gate + "' has its maximum of " + maxWaiters + " waiters");
    }

    @Override
    public Throwable fillInStackTrace() {
        return this;
    }
}
