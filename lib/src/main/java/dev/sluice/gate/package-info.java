/**
 * The gate: a semaphore with weights whose size can be changed while it is in use.
 *
 * <p>A {@link dev.sluice.gate.Gate} has a number of permits. Who wants to pass takes some of them, blocking, trying or
 * asynchronously, and gets one {@link dev.sluice.gate.Permit} object to close at the end. The object is what keeps the
 * books right: it can be released only once, by whichever thread, and it knows its weight.
 *
 * <p>Whether somebody may pass is decided in one place, under one lock, in the order of arrival; a wait that ends by a
 * time-out, an interrupt or a cancelled future is decided under the same lock, so that a permit is never given to
 * somebody who has left. Code of the user never runs with the lock held.
 */
@NullMarked
package dev.sluice.gate;

import org.jspecify.annotations.NullMarked;
