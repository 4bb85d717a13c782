/** Runs the suite against the planted bugs in {@code lib/checks/damage}. */
package dev.sluice.checks.damage;
