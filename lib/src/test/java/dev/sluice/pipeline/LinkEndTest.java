package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class LinkEndTest {
    /** A link into which the last item is put, and the end behind it, right after the first look into its buffer. */
    private static final class LateLink extends Link {
        private boolean looked;

        LateLink() {
            super("next", new Owner() {
                @Override
                public void broken(Throwable cause) {
                    throw new AssertionError(cause);
                }

                @Override
                public void discarded(Object item, Throwable reason) {
                    throw new AssertionError(item);
                }
            });
        }

        @Override
        int waiting() {
            if (looked) {
                return 1;
            }
            looked = true;
            end();
            return 0;
        }

        @Override
        public boolean put(Object item, Meter meter) {
            return false;
        }

        @Override
        public Put tryPut(Object item, Meter meter) {
            return Put.REFUSED;
        }

        @Override
        public boolean watchRoom(Runnable call) {
            return false;
        }

        @Override
        public void passOnRoom() {}

        @Override
        public long received() {
            return 0;
        }

        @Override
        Object poll(Meter meter) {
            return "last";
        }

        @Override
        boolean await(Meter meter, long deadline) {
            return true;
        }

        @Override
        boolean watchItems(Runnable call) {
            return false;
        }

        @Override
        boolean awaitItem(Meter meter) {
            return true;
        }

        @Override
        void takersLeave() {}

        @Override
        void puttersLeave() {}

        @Override
        void wakePutters() {}

        @Override
        void wakeTakers() {}

        @Override
        void discardAtOnce() {}

        @Override
        int capacity() {
            return 1;
        }

        @Override
        long taken() {
            return 0;
        }
    }

    @Test
    @DisplayName(
            "scenario 32: a link is not over when its last item and the end come right after a look into the buffer")
    void linkIsNotOverWhenTheLastItemComesDuringTheLook() {
        Link link = new LateLink();
        assertThat(link.isOver()).isFalse();
        link.waiting();
        assertThat(link.state()).isEqualTo(Link.State.ENDED);
        assertThat(link.isOver()).isFalse();
    }
}
