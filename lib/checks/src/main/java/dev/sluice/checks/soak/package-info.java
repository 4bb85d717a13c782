/**
 * The soak: many short rounds of random work, in which random things go wrong, each to be found again by its seed and
 * number.
 */
@NullMarked
package dev.sluice.checks.soak;

import org.jspecify.annotations.NullMarked;
