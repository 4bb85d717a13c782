package dev.sluice.pipeline;

import dev.sluice.internal.Check;

/**
 * Says which branches of a {@link FanOut} an item goes to. A branch can have a condition; what does not meet it the
 * branch does not accept.
 *
 * <p>All of them wait for room in the branch that an item goes to, so that a slow branch slows the others down in the
 * end: it is bounded by its queue.
 *
 * @param <T> the items
 */
// The type is for the user: it says which items a key can be taken of.
@SuppressWarnings("UnusedTypeParameter")
public final class Route<T> {
    /** Makes the step that shares the items out. */
    @FunctionalInterface
    private interface Kind {
        Emitter onto(Branches branches);
    }

    private final String text;
    private final Kind kind;

    private Route(String text, Kind kind) {
        this.text = text;
        this.kind = kind;
    }

    /**
     * To every branch that accepts it. The branches get the same object, not a copy of it.
     *
     * @param <T> the items
     * @return the route
     */
    public static <T> Route<T> broadcast() {
        return new Route<>("broadcast()", Branches.ToAll::new);
    }

    /**
     * To the branches in turn, in strict order: when the next one has no room the others wait. One that does not
     * accept the item is passed over.
     *
     * @param <T> the items
     * @return the route
     */
    public static <T> Route<T> roundRobin() {
        return new Route<>("roundRobin()", Branches.InTurn::new);
    }

    /**
     * To the first branch that accepts it, in the order in which the branches were made. One without a condition,
     * made last, gets the rest.
     *
     * @param <T> the items
     * @return the route
     */
    public static <T> Route<T> firstMatch() {
        return new Route<>("firstMatch()", Branches.ToFirst::new);
    }

    /**
     * To a branch chosen by a key: items with equal keys go to the same branch, by the hash code of the key. Which one
     * that is depends on the number of branches only.
     *
     * @param <T> the items
     * @param keyOf must not return null
     * @return the route
     */
    // Items at this place are of type T: the builder's types say so.
    @SuppressWarnings("unchecked")
    public static <T> Route<T> byKey(StageFunction<? super T, ?> keyOf) {
        StageFunction<Object, Object> key = (StageFunction<Object, Object>) Check.notNull("keyOf", keyOf);
        return new Route<>("byKey()", branches -> new Branches.ByKey(branches, key));
    }

    Emitter onto(Branches branches) {
        return kind.onto(branches);
    }

    @Override
    public String toString() {
        return text;
    }
}
