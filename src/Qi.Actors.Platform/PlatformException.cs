using System.ComponentModel;

namespace Qi.Actors.Platform;

/// <summary>The operating system refused an operation.</summary>
/// <remarks>The message says what was asked with its values, what the system answered, and what to do.</remarks>
public sealed class PlatformException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="operation">The system's name of what failed, such as <c>sched_setaffinity</c>.</param>
    /// <param name="error">The system's error number: <c>errno</c> on Unix, <c>GetLastError</c> on Windows; 0 when
    /// it was not asked.</param>
    /// <param name="what">What happened, with values: one sentence without its full stop.</param>
    /// <param name="remedy">What to do about it: whole sentences.</param>
    public PlatformException(string operation, int error, string what, string remedy)
        : base(Describe(operation, error, what, remedy))
    {
        Operation = operation;
        Error = error;
        Remedy = remedy;
    }

    /// <summary>The system's name of the operation that failed.</summary>
    public string Operation { get; }

    /// <summary>The system's error number, or 0 if the request was refused before the system was asked.</summary>
    public int Error { get; }

    /// <summary>What to do about it.</summary>
    public string Remedy { get; }

    private static string Describe(string operation, int error, string what, string remedy)
        => error == 0
            ? $"{what} ({operation}). {remedy}"
            : $"{what} ({operation}: {new Win32Exception(error).Message}, error {error}). {remedy}";
}
