using System.Runtime.CompilerServices;

namespace Qi.Actors.Properties.Tests.Kit;

/// <summary>The subject does something else than its model.</summary>
internal sealed class MismatchException(string message) : Exception(message);

/// <summary>
/// Comparisons within a program. NUnit's own would be remembered by the running test, also those that a shorter program provokes.
/// </summary>
internal static class Expect
{
    public static void Equal<T>(T actual, T expected, [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        if (!EqualityComparer<T>.Default.Equals(actual, expected))
            throw new MismatchException($"{what} is {Text(actual)}, not {Text(expected)}");
    }

    public static void Sequence<T>(IEnumerable<T> actual, IEnumerable<T> expected, [CallerArgumentExpression(nameof(actual))] string what = "")
    {
        T[] left = [.. actual];
        T[] right = [.. expected];
        if (!left.SequenceEqual(right))
            throw new MismatchException($"{what} is [{string.Join(", ", left)}], not [{string.Join(", ", right)}]");
    }

    public static void True(bool condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        if (!condition)
            throw new MismatchException($"{what} does not hold");
    }

    private static string Text(object? value) => value?.ToString() ?? "null";
}
