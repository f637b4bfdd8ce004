using System.Text;

namespace Qi.Actors.IO;

/// <summary>What it is that none of several could be connected to.</summary>
internal static class ConnectFailures
{
    /// <summary>One exception with all failures: a <see cref="TimeoutException"/> if each is one, otherwise an <see cref="IOException"/>.</summary>
    /// <param name="sentence">Who they were, without its end.</param>
    /// <param name="failures">One of each.</param>
    public static Exception Of(string sentence, IReadOnlyList<Exception> failures)
    {
        var text = new StringBuilder($"{sentence} could be connected to:");
        foreach (var failure in failures)
            text.Append(' ').Append(failure.Message);
        var causes = new AggregateException(failures);
        return failures.All(static failure => failure is TimeoutException) ? new TimeoutException(text.ToString(), causes) : new IOException(text.ToString(), causes);
    }
}
