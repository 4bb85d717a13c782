package dev.sluice.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testing.NoThreadLeaks;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** That each scenario of the pool is a test over both variants and all kinds of threads, in a class that looks for leaks. */
@Timeout(180)
class ScenariosTest {
    private static final List<Class<?>> CLASSES = List.of(
            SubmissionTest.class,
            ClosingTest.class,
            CancellationTest.class,
            GroupTest.class,
            SelfSubmissionTest.class,
            LaneTest.class,
            LaneRaceTest.class);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
    void scenarioIsATestOfAllKinds(int scenario) {
        Pattern name = Pattern.compile("scenario " + scenario + "\\b.*");
        assertThat(CLASSES.stream()
                        .filter(tests -> looksForLeaks(tests))
                        .flatMap(tests -> Arrays.stream(tests.getDeclaredMethods()))
                        .filter(test -> isOfAllKinds(test))
                        .flatMap(ScenariosTest::displayName)
                        .filter(text -> name.matcher(text).matches()))
                .isNotEmpty();
    }

    private static boolean looksForLeaks(Class<?> tests) {
        ExtendWith extensions = tests.getAnnotation(ExtendWith.class);
        return extensions != null && List.of(extensions.value()).contains(NoThreadLeaks.class);
    }

    private static boolean isOfAllKinds(Method test) {
        MethodSource source = test.getAnnotation(MethodSource.class);
        return source != null && List.of(source.value()).equals(List.of("dev.sluice.pool.PoolKind#all"));
    }

    private static Stream<String> displayName(Method test) {
        DisplayName name = test.getAnnotation(DisplayName.class);
        return Stream.ofNullable(name).map(DisplayName::value);
    }
}
