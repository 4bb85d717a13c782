package dev.sluice.testing;

/** Takes all the memory of a small virtual machine but for a little. What it takes for good is large, what for a moment small. */
public final class FullHeap {
    private static final int STEP = 16;

    private static Block ballast;
    private static Link links;
    private static Link budgeted;

    private FullHeap() {}

    /** 16 bytes. */
    private static final class Link {
        final Link next;

        Link(Link next) {
            this.next = next;
        }
    }

    private record Block(Block next, byte[] bytes) {}

    /** For good. */
    public static void takeAllBut(int room) {
        byte[] kept = new byte[room];
        try {
            while (true) {
                ballast = new Block(ballast, new byte[1024]);
            }
        } catch (OutOfMemoryError full) {
            kept[0] = 1;
        }
    }

    /** Until {@link #free}: leaves about so many bytes of the room. */
    public static void fill(int budget) {
        for (int given = 0; given < budget; given += STEP) {
            budgeted = new Link(budgeted);
        }
        try {
            while (true) {
                links = new Link(links);
            }
        } catch (OutOfMemoryError full) {
            // To the last byte.
        }
        budgeted = null;
    }

    public static void free() {
        links = null;
    }

    /** From one budget to the next: each thing, as long as they are small. */
    public static int step(int budget) {
        return Math.max(STEP, Integer.highestOneBit(budget) / 8);
    }
}
