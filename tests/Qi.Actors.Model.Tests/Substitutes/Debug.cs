using System.Diagnostics.CodeAnalysis;

using Qi.Actors.Model.Controller;

namespace System.Diagnostics;

/// <summary>Assertions that are always checked, and fail the execution.</summary>
public static class Debug
{
    public static void Assert([DoesNotReturnIf(false)] bool condition, string message = "An assertion failed.")
    {
        if (condition)
            return;
        Execution.Current?.Fail(message); // before the throw, which the code under test may catch
        throw new ModelFailureException(message);
    }
}
