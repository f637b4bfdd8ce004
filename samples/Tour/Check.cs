using System.Runtime.CompilerServices;

namespace Tour;

/// <summary>Checks what a chapter did, and says so.</summary>
internal static class Check
{
    public static int Count { get; private set; }

    public static int Failures { get; private set; }

    /// <summary>Both must be equal.</summary>
    public static void Equal<T>(T actual, T expected, [CallerArgumentExpression(nameof(actual))] string what = "")
        => That(EqualityComparer<T>.Default.Equals(actual, expected), $"{what} is {actual}, expected {expected}");

    /// <summary>The condition must hold.</summary>
    public static void That(bool isRight, [CallerArgumentExpression(nameof(isRight))] string what = "")
    {
        Count++;
        if (!isRight)
            Failures++;
        Console.WriteLine($"{(isRight ? "   ok   " : "   WRONG")} {what}");
    }
}
