package dev.sluice.pool;

import java.util.Collection;
import java.util.function.Predicate;

/** What a task can wait for without a time limit; {@link Deadlock} looks through it. */
interface Awaited {
    /** The unfinished tasks on which the wait depends. */
    Collection<? extends Task<?>> unfinished();

    /** Whether the wait will end if exactly these tasks are going to end. */
    default boolean endsWhen(Predicate<? super Task<?>> willEnd) {
        return unfinished().stream().allMatch(willEnd);
    }
}
