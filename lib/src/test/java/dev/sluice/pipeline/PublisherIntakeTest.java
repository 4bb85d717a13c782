package dev.sluice.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The thread of the test is the worker of the source, and the publisher. */
@Timeout(180)
class PublisherIntakeTest {
    private final List<Object> discarded = new ArrayList<>();
    private final Meter meter = new Meter();
    private final Noting subscription = new Noting();
    private final RingLink link = new RingLink(
            "source",
            4,
            Link.Side.STEPS,
            Link.Side.ONE,
            new Link.Owner() {
                @Override
                public void broken(Throwable cause) {
                    throw new AssertionError(cause);
                }

                @Override
                public void discarded(Object item, Throwable reason) {
                    discarded.add(item);
                }
            },
            Waiters.FIRST_NAP_NANOS);
    private final PublisherIntake intake =
            new PublisherIntake(subscriber -> subscriber.onSubscribe(subscription), link);

    /** Notes what it is asked for. */
    private static final class Noting implements Flow.Subscription {
        private final List<Long> asked = new ArrayList<>();
        private int cancels;

        @Override
        public void request(long items) {
            asked.add(items);
        }

        @Override
        public void cancel() {
            cancels++;
        }
    }

    private void subscribe() throws Exception {
        assertThat(intake.poll(meter)).isNull();
    }

    @Test
    @DisplayName("promise 1: a publisher is asked for as many items as there is room for")
    void asksForWhatThereIsRoomFor() throws Exception {
        subscribe();
        assertThat(subscription.asked).containsExactly(4L);
        for (int i = 0; i < 4; i++) {
            intake.onNext(i);
        }
        for (int i = 0; i < 4; i++) {
            assertThat(intake.poll(meter)).isEqualTo(i);
            assertThat(intake.position()).isEqualTo(i + 1);
            assertThat(intake.taken()).isEqualTo(i + 1);
        }
        assertThat(subscription.asked)
                .as("asked again when half of it is taken")
                .containsExactly(4L, 2L, 2L);
        assertThat(intake.poll(meter)).isNull();
    }

    @Test
    @DisplayName("reactive streams 2.5: a second subscription is cancelled, and the first one kept")
    void secondSubscriptionIsCancelled() throws Exception {
        subscribe();
        Noting second = new Noting();
        intake.onSubscribe(second);
        assertThat(second.cancels).isEqualTo(1);
        assertThat(second.asked).isEmpty();
        assertThat(subscription.cancels).isZero();
    }

    @Test
    @DisplayName("reactive streams 2.13: null is refused")
    void nullIsRefused() {
        assertThatThrownBy(() -> intake.onSubscribe(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> intake.onNext(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> intake.onError(null)).isInstanceOf(NullPointerException.class);
    }

    @Test
    void nothingIsTakenAfterTheEnd() throws Exception {
        subscribe();
        intake.onNext("before");
        intake.onComplete();
        intake.onNext("behind");
        intake.onError(new IOException());
        assertThat(intake.hasEnded()).isFalse();
        assertThat(intake.await(meter)).isTrue();
        assertThat(intake.poll(meter)).isEqualTo("before");
        assertThat(intake.await(meter)).isFalse();
        assertThat(intake.poll(meter)).isNull();
        assertThat(intake.hasEnded()).isTrue();
        intake.close();
        assertThat(subscription.cancels).isZero();
        assertThat(discarded).isEmpty();
    }

    @Test
    @DisplayName("promise 3: the failure of a publisher comes after its items, and once")
    void failureComesAfterTheItems() throws Exception {
        subscribe();
        intake.onNext("before");
        intake.onError(new IOException("failed"));
        intake.onComplete();
        assertThat(intake.poll(meter)).isEqualTo("before");
        assertThat(intake.await(meter)).isTrue();
        assertThatThrownBy(() -> intake.poll(meter))
                .isInstanceOf(IOException.class)
                .hasMessage("failed");
        assertThat(intake.await(meter)).isFalse();
        assertThat(intake.poll(meter)).isNull();
        assertThat(intake.hasEnded()).isFalse();
    }

    @Test
    void failureOfAnyKindIsThrown() throws Exception {
        subscribe();
        intake.onError(new StackOverflowError());
        assertThatThrownBy(() -> intake.poll(meter)).isInstanceOf(StackOverflowError.class);
    }

    @Test
    void failureThatIsNeitherExceptionNorErrorIsWrapped() throws Exception {
        subscribe();
        Throwable strange = new Throwable("strange");
        intake.onError(strange);
        assertThatThrownBy(() -> intake.poll(meter))
                .isInstanceOf(IllegalStateException.class)
                .hasCause(strange);
    }

    @Test
    @DisplayName("promise 2: what has come and is not taken is discarded by the close, which cancels the subscription")
    void closeCancels() throws Exception {
        subscribe();
        intake.onNext("not taken");
        intake.close();
        assertThat(subscription.cancels).isEqualTo(1);
        assertThat(discarded).containsExactly("not taken");
        intake.onNext("too late");
        assertThat(link.received()).isEqualTo(1);
    }

    @Test
    @DisplayName("scenario 47: a cut source asks for no more, and gives what has come")
    void cutCancels() throws Exception {
        subscribe();
        for (int i = 0; i < 3; i++) {
            intake.onNext(i);
        }
        intake.cut();
        assertThat(subscription.cancels).isEqualTo(1);
        for (int i = 0; i < 3; i++) {
            assertThat(intake.poll(meter)).isEqualTo(i);
        }
        assertThat(intake.poll(meter)).isNull();
        assertThat(intake.hasEnded()).isTrue();
        assertThat(subscription.asked).containsExactly(4L);
        intake.cut();
        intake.close();
        assertThat(subscription.cancels).isEqualTo(1);
    }

    @Test
    void subscriptionThatComesAfterTheCutIsCancelled() throws Exception {
        intake.cut();
        subscribe();
        assertThat(subscription.cancels).isEqualTo(1);
        assertThat(subscription.asked).isEmpty();
    }

    @Test
    void publisherThatGivesMoreThanItWasAskedForIsCancelled() throws Exception {
        subscribe();
        for (int i = 0; i < 5; i++) {
            intake.onNext(i);
        }
        assertThat(subscription.cancels).isEqualTo(1);
        for (int i = 0; i < 4; i++) {
            assertThat(intake.poll(meter)).isEqualTo(i);
        }
        assertThatThrownBy(() -> intake.poll(meter)).hasMessageContaining("more items than it was asked for");
    }
}
