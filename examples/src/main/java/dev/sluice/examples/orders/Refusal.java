package dev.sluice.examples.orders;

/** Why a command has no effect: the message is for the one who gave it. */
final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;

    enum Kind {
        /** It says something that cannot be done. */
        INVALID,
        /** It is about something that there is not. */
        UNKNOWN,
        /** It contradicts what has happened before. */
        CONFLICT
    }

    private final Kind kind;

    private Refusal(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    static Refusal invalid(String message) {
        return new Refusal(Kind.INVALID, message);
    }

    static Refusal unknown(String message) {
        return new Refusal(Kind.UNKNOWN, message);
    }

    static Refusal conflict(String message) {
        return new Refusal(Kind.CONFLICT, message);
    }

    Kind kind() {
        return kind;
    }
}
