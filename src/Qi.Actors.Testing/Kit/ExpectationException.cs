namespace Qi.Actors.Testing;

/// <summary>What a test expected has not come, or what it did not expect has. Any test framework takes it for a failed test.</summary>
/// <remarks>The message says what was expected, within what time, what came instead, and what time it is.</remarks>
public sealed class ExpectationException : Exception
{
    /// <summary>Creates one without a message.</summary>
    public ExpectationException()
    {
    }

    /// <summary>Creates one.</summary>
    public ExpectationException(string message)
        : base(message)
    {
    }

    /// <summary>Creates one with a cause.</summary>
    public ExpectationException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    internal ExpectationException(string message, TimeSpan time, Exception? innerException = null)
        : base(message, innerException)
        => Time = time;

    /// <summary>The virtual time at which it failed, since the start of the simulation.</summary>
    public TimeSpan Time { get; }
}
