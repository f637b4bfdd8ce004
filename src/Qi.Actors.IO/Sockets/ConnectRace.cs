// Happy Eyeballs: a host has addresses of two families, and one of them may lead nowhere without saying so. The addresses are tried one after another with a short
// pause between, beside each other, and the first connection wins. An attempt that fails ends the pause.
//
// One task runs a race, so nothing is shared: attempts are tasks of their own, and only their ends are looked at. Whatever the race's end, the token of the attempts is
// cancelled, and a connection that is made in spite of that is closed: no attempt outlives the race by more than its cancelling.
//
// Source: RFC 8305, Happy Eyeballs Version 2. Rejected: its section 3, to connect to the first family while the other is still being looked up, since the system's
// resolver gives both at once.

using System.Net;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;

namespace Qi.Actors.IO;

/// <summary>Attempts to connect to one host by several addresses.</summary>
/// <param name="connect">Makes an attempt.</param>
/// <param name="pause">How long to wait for one attempt before the next begins beside it.</param>
/// <param name="time">The clock of the pause.</param>
internal sealed class ConnectRace<T>(Func<EndPoint, CancellationToken, ValueTask<T>> connect, TimeSpan pause, TimeProvider time)
    where T : class, IDisposable
{
    private readonly List<Task<T>> _running = [];
    private readonly List<Exception> _failures = [];

    /// <summary>Runs the race, once.</summary>
    /// <param name="endPoints">At least one, in the order in which they are to be tried.</param>
    /// <param name="host">What they are the addresses of.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="IOException">All attempts have failed.</exception>
    /// <exception cref="TimeoutException">All attempts have taken too long.</exception>
    public async Task<T> RunAsync(IReadOnlyList<EndPoint> endPoints, string host, CancellationToken cancellationToken)
    {
        var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            int next = 0;
            while (next < endPoints.Count || _running.Count > 0)
            {
                if (next < endPoints.Count)
                    _running.Add(AttemptAsync(endPoints[next++], over.Token));
                if (await WinnerAsync(next < endPoints.Count).ConfigureAwait(false) is { } winner)
                    return winner;
            }

            throw AllFailed(host);
        }
        catch (OperationCanceledException e) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException($"Connecting to {host} was cancelled.", e, cancellationToken);
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            _ = CloseRestAsync(over);
        }
    }

    private async Task<T> AttemptAsync(EndPoint endPoint, CancellationToken cancellationToken)
        => await connect(endPoint, cancellationToken).ConfigureAwait(false);

    // Null when it is time for the next attempt, or there is none left to wait for.
    private async Task<T?> WinnerAsync(bool hasNext)
    {
        while (_running.Count > 0)
        {
            if (await FirstAsync(hasNext).ConfigureAwait(false) is not { } ended)
                return null;
            _running.Remove(ended);
            try
            {
                return await ended.ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or SocketException or TimeoutException)
            {
                _failures.Add(e);
                if (hasNext)
                    return null;
            }
        }

        return null;
    }

    // The first attempt that ends; null if the pause is over before.
    private async Task<Task<T>?> FirstAsync(bool hasNext)
    {
        var first = Task.WhenAny(_running);
        if (hasNext && !await IsBeforePauseAsync(first).ConfigureAwait(false))
            return null;
        return await first.ConfigureAwait(false);
    }

    private async Task<bool> IsBeforePauseAsync(Task first)
    {
        using var stop = new CancellationTokenSource();
        var ended = await Task.WhenAny(first, Task.Delay(pause, time, stop.Token)).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        return ended == first;
    }

    private async Task CloseRestAsync(CancellationTokenSource over)
    {
        foreach (var attempt in _running)
        {
            try
            {
                (await attempt.ConfigureAwait(false)).Dispose();
            }
            catch (Exception)
            {
                // It has lost: how it failed is of no interest to anybody.
            }
        }

        over.Dispose();
    }

    private Exception AllFailed(string host)
    {
        if (_failures is [IOException or TimeoutException])
            ExceptionDispatchInfo.Throw(_failures[0]);
        return ConnectFailures.Of($"None of {_failures.Count} addresses of {host}", _failures);
    }
}
