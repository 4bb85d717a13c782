/**
 * Checks that take too long, or too special a tool, for the library's own tests: jcstress tests, which look for results that
 * memory ordering must not allow, and {@link dev.sluice.checks.Stress}, which runs the full numbers of elements.
 */
@NullMarked
package dev.sluice.checks;

import org.jspecify.annotations.NullMarked;
