/** Applications that are loaded by class loaders of their own, and thrown away. */
@NullMarked
package dev.sluice.redeploy;

import org.jspecify.annotations.NullMarked;
