package dev.sluice.examples.fetch;

/** A URL that may not be fetched; the message says why in a few words. */
final class BadUrlException extends Exception {
    private static final long serialVersionUID = 1L;

    BadUrlException(String message) {
        super(message);
    }
}
