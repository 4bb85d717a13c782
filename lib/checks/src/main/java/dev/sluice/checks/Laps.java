package dev.sluice.checks;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What one producer puts: the numbers from 0 on, in elements that are allocated once and used again and again.
 *
 * <p>The numbers are divided into laps of {@link #LENGTH}; two laps have elements of their own. A lap begins only when all
 * of the lap but one before has been counted by who took it, and is announced before its first element is put. So who
 * takes an element of lap {@code n} sees lap {@code n} or {@code n + 1} announced, and the element's place says which.
 */
final class Laps {
    static final int LENGTH = 1 << 13;

    private final AtomicLongArray[] counts;
    private final int producer;
    private final Element[] elements = new Element[2 * LENGTH];
    private volatile long announced;

    /** The {@code place} is in the two laps. */
    static final class Element {
        private final Laps laps;
        private final int place;

        Element(Laps laps, int place) {
            this.laps = laps;
            this.place = place;
        }

        int producer() {
            return laps.producer;
        }

        /** Where who took the element counts it: the two laps apart, for a sum would not tell which elements are missing. */
        int cell() {
            return 2 * laps.producer + place / LENGTH;
        }

        /** To be asked by who took the element, before it counts it. */
        long number() {
            long lap = laps.announced;
            if ((lap & 1) != place / LENGTH) {
                lap--;
            }
            return lap * LENGTH + place % LENGTH;
        }
    }

    /** @param counts for each consumer, how many of each producer's two laps it has taken */
    Laps(int producer, AtomicLongArray[] counts) {
        this.producer = producer;
        this.counts = counts;
        for (int i = 0; i < elements.length; i++) {
            elements[i] = new Element(this, i);
        }
    }

    /** All elements; the one for a number is at the number modulo the length. */
    Element[] elements() {
        return elements;
    }

    /** To be called before the element of this number is put; waits when a lap begins. */
    void begin(long number) {
        if (number % LENGTH == 0) {
            long lap = number / LENGTH;
            while (counted(lap & 1) < lap / 2 * LENGTH) {
                Thread.yield();
            }
            announced = lap;
        }
    }

    /** How many have been taken. */
    long counted() {
        return counted(0) + counted(1);
    }

    private long counted(long parity) {
        long sum = 0;
        for (AtomicLongArray count : counts) {
            sum += count.get(2 * producer + (int) parity);
        }
        return sum;
    }
}
