/**
 * The queue that links threads: bounded, first in first out, blocking at both ends.
 *
 * <p>{@link dev.sluice.queue.RingBlockingQueue} is a {@code java.util.concurrent.BlockingQueue}, and can stand wherever one
 * is asked for. Two things are added, because moving one element at a time is what makes such
 * queues slow: transfers of many elements in both directions, which tell exactly how many went through.
 */
@NullMarked
package dev.sluice.queue;

import org.jspecify.annotations.NullMarked;
