package dev.sluice.checks.soak;

import java.util.SplittableRandom;

/** What user code throws when it fails as planned. */
enum Mishap {
    EXCEPTION("exception thrown") {
        @Override
        void happen() throws Exception {
            throw new Exception("planned");
        }
    },
    RUNTIME_EXCEPTION("runtime exception thrown") {
        @Override
        void happen() {
            throw new IllegalStateException("planned");
        }
    },
    ERROR("error thrown") {
        @Override
        void happen() {
            throw new AssertionError("planned");
        }
    },
    OUT_OF_MEMORY("OutOfMemoryError thrown") {
        @Override
        void happen() {
            throw new OutOfMemoryError("planned");
        }
    },
    REAL_OUT_OF_MEMORY("array larger than the heap") {
        @Override
        void happen() {
            long[][] all = new long[64][];
            for (int i = 0; i < all.length; i++) {
                all[i] = new long[1 << 28];
            }
            throw new IllegalStateException("the heap is too large to be filled: " + all.length);
        }
    },
    STACK_OVERFLOW("stack overflow") {
        @Override
        void happen() {
            deeper(1);
        }
    };

    private static final Mishap[] ALL = values();

    final String kind;

    Mishap(String kind) {
        this.kind = kind;
    }

    abstract void happen() throws Exception;

    private static int deeper(int depth) {
        return deeper(depth + 1) + deeper(depth + 2);
    }

    /** The dear ones are rare. */
    static Mishap any(SplittableRandom random) {
        int dice = random.nextInt(1000);
        return dice == 0 ? STACK_OVERFLOW : dice == 1 ? REAL_OUT_OF_MEMORY : ALL[dice % 4];
    }
}
