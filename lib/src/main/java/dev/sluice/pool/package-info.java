/** TODO */
@NullMarked
package dev.sluice.pool;

import org.jspecify.annotations.NullMarked;
