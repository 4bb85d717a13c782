package dev.sluice.pipeline;

import java.util.ArrayDeque;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What happened to the item that a worker pushes through its chain. Belongs to that worker's thread. */
final class Pass {
    private final String stage;
    private final BooleanSupplier wanted;
    private final @Nullable BooleanSupplier room;
    private final @Nullable Attempt attempt;
    private ArrayDeque<Paused> paused = new ArrayDeque<>(0);
    private boolean filters;
    private boolean multiplies;
    private boolean arrived;
    private boolean declined;
    /** What the item at hand was made from, if somebody wants to know. */
    @Nullable
    Ticket ticket;

    /** A step that has stopped in the middle of an item. */
    @FunctionalInterface
    interface Paused {
        /** As {@link Emitter#emit}, for what is left. */
        boolean goOn() throws Exception;
    }

    /**
     * @param wanted whether results of the item at hand can still be delivered
     * @param room whether there is room for one more, for a worker that does not wait in the middle of an item; null
     *     for one that does
     * @param attempt what surrounds the calls of the stage's function, if anything does
     */
    Pass(String stage, BooleanSupplier wanted, @Nullable BooleanSupplier room, @Nullable Attempt attempt) {
        this.stage = stage;
        this.wanted = wanted;
        this.room = room;
        this.attempt = attempt;
    }

    /** The stage's own function, with what surrounds it. */
    <T, R> StageFunction<T, R> own(StageFunction<T, R> function) {
        return attempt == null ? function : item -> attempt.call(function, item);
    }

    /** The stage's own consumer, with what surrounds it. */
    <T> StageConsumer<T> ownSink(StageConsumer<T> consumer) {
        if (attempt == null) {
            return consumer;
        }
        StageFunction<T, Boolean> function = item -> {
            consumer.accept(item);
            return true;
        };
        return item -> attempt.call(function, item);
    }

    /** Whether what was thrown for the item at hand came from the stage's own function. */
    boolean hasFailedInFunction() {
        return attempt != null && attempt.failedInFunction();
    }

    /**
     * For a step that makes many results of one: whether to pause before the next. When one behind it has paused, too,
     * whatever room there may be by now: what that one has left comes first.
     */
    boolean mustPause() {
        return room != null && (isPaused() || !room.getAsBoolean());
    }

    /** Those that are deeper in the chain pause before, and go on before, those that push to them. */
    void pause(Paused step) {
        paused.add(step);
    }

    boolean isPaused() {
        return !paused.isEmpty();
    }

    /** Has the first that has paused go on; false when nobody wants what comes of it. */
    boolean goOn() throws Exception {
        ArrayDeque<Paused> others = paused;
        paused = new ArrayDeque<>(1);
        boolean wanted = others.remove().goOn();
        paused.addAll(others);
        return wanted;
    }

    /** What has paused in the middle of an item, while another one is worked on. */
    record Aside(
            ArrayDeque<Paused> paused,
            boolean arrived,
            boolean declined,
            @Nullable Ticket ticket) {}

    /** The item at hand, whose steps have paused, gives way to another one. */
    Aside setAside() {
        Aside aside = new Aside(paused, arrived, declined, ticket);
        paused = new ArrayDeque<>(0);
        return aside;
    }

    /** The item that was set aside is at hand again. */
    void takeUp(Aside aside) {
        begin();
        paused = aside.paused;
        arrived = aside.arrived;
        declined = aside.declined;
        ticket = aside.ticket;
    }

    /** Nothing that has paused goes on. */
    void stop() {
        paused.clear();
    }

    void begin() {
        if (attempt != null) {
            attempt.begin();
        }
        if (filters) {
            arrived = false;
            declined = false;
        }
    }

    /** For a step that goes on and on although nothing comes out at the end of the chain, where it would be refused. */
    boolean isWanted() {
        return wanted.getAsBoolean();
    }

    /** Something came out at the end of the chain. */
    void arrived() {
        if (filters) {
            arrived = true;
        }
    }

    /** There is a filter in the chain: without one nothing has to be noted of an item. */
    void mayDecline() {
        filters = true;
    }

    /** There is a step in the chain that makes several results of one item. */
    void mayMultiply() {
        multiplies = true;
    }

    /** Whether an item has one result at most, behind which no code of the user's runs for it. */
    boolean hasOneResult() {
        return !multiplies;
    }

    /** A filter declined the item or something made from it. */
    void declined() {
        declined = true;
    }

    Fate fate() {
        return filters && declined && !arrived ? Fate.FILTERED : Fate.COMPLETED;
    }

    Object notNull(String what, @Nullable Object value) {
        if (value == null) {
            throw new NullPointerException("stage '" + stage + "': " + what + " is null");
        }
        return value;
    }
}
