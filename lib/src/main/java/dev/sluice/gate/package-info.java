/**
 * The gate: a semaphore with weights whose size can be changed while it is in use.
 *
 * <p>A {@link dev.sluice.gate.Gate} has a number of permits. Who wants to pass takes some of them, blocking, trying or
 * asynchronously, and gets one {@link dev.sluice.gate.Permit} object to close at the end. The object is what keeps the
 * books right: it can be released only once, by whichever thread, and it knows its weight.
 *
 * <p>While nobody waits, or the one who was called is still on his way, whoever comes and goes needs one atomic step. Those
 * who wait do so in a line under a lock, and {@link dev.sluice.gate.Fairness} says who may pass them. A wait that ends by a
 * time-out, an interrupt or a cancelled future is decided under the same lock, so that a permit is never given to somebody
 * who has left. Code of the user never runs with the lock held.
 */
@NullMarked
package dev.sluice.gate;

import org.jspecify.annotations.NullMarked;
