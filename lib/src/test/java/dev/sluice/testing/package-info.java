/**
 * What the tests of several packages share: thread kinds, waiting without luck, scaled rounds, a leak check.
 */
@NullMarked
package dev.sluice.testing;

import org.jspecify.annotations.NullMarked;
