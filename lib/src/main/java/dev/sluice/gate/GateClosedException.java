package dev.sluice.gate;

import java.util.concurrent.RejectedExecutionException;

/** Thrown to those who want a permit of a {@link Gate} that has been closed, and to those who were waiting for one. */
public final class GateClosedException extends RejectedExecutionException {
    private static final long serialVersionUID = 1L;

    GateClosedException(String gate) {
        super("gate '" + gate + "' is closed");
    }
}
