package dev.sluice.gate;

import java.time.Duration;
import java.util.List;

/**
 * Who holds a permit of a {@link Gate} that is {@linkplain Gate.Builder#leakWatch(int) watched}.
 *
 * @param thread the name of the thread that acquired it; {@code thread} and its number if it has none
 * @param weight the share of the gate that it stands for
 * @param held for how long it has been held
 * @param stack where it was acquired
 */
public record Holder(String thread, int weight, Duration held, List<StackTraceElement> stack) {
    @Override
    public String toString() {
        return thread + " holds " + weight + " for " + held.toMillis() + " ms, taken at "
                + stack.stream().map(Object::toString).findFirst().orElse("an unknown place");
    }
}
