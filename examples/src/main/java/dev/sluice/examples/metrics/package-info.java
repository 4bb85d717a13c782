/** How the accounts of a pool become meters of a monitoring system. */
package dev.sluice.examples.metrics;
