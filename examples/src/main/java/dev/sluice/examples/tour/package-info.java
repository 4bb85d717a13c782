/** The library in a few lines each: {@link dev.sluice.examples.tour.TourCommand}. */
package dev.sluice.examples.tour;
